/** The data directory: one process at a time, and never one that a newer program has written. */
import { link, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { ConfigurationError } from "./config/configuration-error";

/** Version of the directory's layout. Raised when an older program could no longer work with it. */
const LAYOUT_VERSION = 1;

export interface DataDir {
  path: string;
  release(): Promise<void>;
}

/**
 * Takes the directory for this process, making it when it is missing.
 *
 * @throws ConfigurationError when another living process holds it, or when its version is newer than this program
 */
export async function takeDataDir(path: string): Promise<DataDir> {
  await mkdir(path, { recursive: true });
  await checkVersion(path);
  return {
    path,
    release: await takeLock(join(path, "lock"), `The data directory ${path}`, "set WEIR_DATA_DIR to another folder"),
  };
}

/**
 * Takes a lake that lies outside the data directory for writing, so that two servers on this machine cannot both write it.
 *
 * @throws ConfigurationError when another living process holds it
 */
export async function takeLake(path: string): Promise<() => Promise<void>> {
  await mkdir(path, { recursive: true });
  const cure = `${ELSEWHERE}, or set the same DATABASE_URL (a Postgres server) for all of them: then they work together`;
  const release = await takeLock(join(path, LAKE_LOCK), `The lake ${path}`, cure);
  const others = await sharersOf(path);
  if (others.length === 0) return release;
  await release();
  throw new ConfigurationError(
    `The lake ${path} is in use by process ${others.join(", ")}. Stop it, or set WEIR_LAKE_URL to another folder, or set the same DATABASE_URL as there: then they work together.`,
  );
}

/**
 * Notes that this process works on a lake together with others that take turns at writing it.
 *
 * @throws ConfigurationError when a living process of this machine holds the lake for itself
 */
export async function joinLake(path: string): Promise<() => Promise<void>> {
  await mkdir(path, { recursive: true });
  const release = await takeLock(join(path, `${LAKE_LOCK}-${process.pid}`), `The lake ${path}`, ELSEWHERE);
  const holder = await holderOf(join(path, LAKE_LOCK));
  if (holder === null) return release;
  await release();
  throw new ConfigurationError(
    `The lake ${path} is in use by process ${holder}, which was started without DATABASE_URL and shares it with nobody. Start that one with the same DATABASE_URL too, or set WEIR_LAKE_URL to another folder.`,
  );
}

/** Processes of this machine that share a lake. What was left by those that were killed is removed. */
async function sharersOf(path: string): Promise<number[]> {
  const living: number[] = [];
  for (const name of await readdir(path)) {
    if (!/^\.weir-lock-\d+$/.test(name)) continue;
    const holder = await holderOf(join(path, name));
    if (holder === null) await rm(join(path, name), { force: true });
    else living.push(holder);
  }
  return living;
}

const LAKE_LOCK = ".weir-lock";
const ELSEWHERE = "set WEIR_LAKE_URL to another folder";

/** Returns what gives the lock back. */
async function takeLock(lock: string, what: string, cure: string): Promise<() => Promise<void>> {
  for (let attempt = 0; attempt < 3; attempt++) {
    if (await createLock(lock)) return () => rm(lock, { force: true });
    const holder = await holderOf(lock);
    if (holder !== null) {
      throw new ConfigurationError(`${what} is in use by process ${holder}. Stop it, or ${cure}.`);
    }
    await rm(lock, { force: true }); // left by a process that was killed
  }
  throw new ConfigurationError(`The lock file ${lock} cannot be taken: other processes are starting on this folder.`);
}

async function checkVersion(path: string): Promise<void> {
  const file = join(path, "version");
  const text = await readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return null;
    throw error;
  });
  if (text === null) return writeFile(file, `${LAYOUT_VERSION}\n`);
  const version = Number(text.trim());
  if (!Number.isInteger(version) || version < 1) {
    throw new ConfigurationError(
      `${file} holds ${JSON.stringify(text.trim())}, not a version: is ${path} a data directory of Weir?`,
    );
  }
  if (version > LAYOUT_VERSION) {
    throw new ConfigurationError(
      `The data directory ${path} was written by a newer Weir (version ${version}, this one knows ${LAYOUT_VERSION}): start that one.`,
    );
  }
}

/** The lock appears with its content or not at all, so that nobody reads half of it. False when it exists. */
async function createLock(lock: string): Promise<boolean> {
  const draft = `${lock}.${process.pid}`;
  await writeFile(draft, `${process.pid} ${await startOf(process.pid)}\n`);
  try {
    await link(draft, lock);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  } finally {
    await rm(draft, { force: true });
  }
}

/** Process id of the living holder, or null when it is gone. */
async function holderOf(lock: string): Promise<number | null> {
  const text = await readFile(lock, "utf8").catch(() => "");
  const [pidText, started] = text.trim().split(" ");
  const pid = Number(pidText);
  if (!Number.isInteger(pid) || pid <= 0) return null;
  try {
    process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM" ? pid : null;
  }
  return started === (await startOf(pid)) ? pid : null;
}

/** When a process started, in the kernel's ticks, so that a process id that came round again is not taken for the holder. */
async function startOf(pid: number): Promise<string> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
  // The state is field 3, the start field 22; the name before them may hold spaces and is closed by the last parenthesis.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  // It was killed, and whoever started it has not asked how it ended: in a container perhaps never.
  if (fields[0] === "Z") return "ended";
  return fields[19] ?? "unknown";
}
