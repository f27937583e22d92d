/** The data directory: one process at a time, and never one that a newer program has written. */
import { link, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { ConfigurationError } from "./config";

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
  return { path, release: await takeLock(join(path, "lock"), `The data directory ${path}`, "WEIR_DATA_DIR") };
}

/**
 * Takes a lake that lies outside the data directory for writing, so that two servers on this machine cannot both write it.
 *
 * @throws ConfigurationError when another living process holds it
 */
export async function takeLake(path: string): Promise<() => Promise<void>> {
  await mkdir(path, { recursive: true });
  return takeLock(join(path, ".weir-lock"), `The lake ${path}`, "WEIR_LAKE_URL");
}

/** Returns what gives the lock back. */
async function takeLock(lock: string, what: string, setting: string): Promise<() => Promise<void>> {
  for (let attempt = 0; attempt < 3; attempt++) {
    if (await createLock(lock)) return () => rm(lock, { force: true });
    const holder = await holderOf(lock);
    if (holder !== null) {
      throw new ConfigurationError(
        `${what} is in use by process ${holder}. Stop it, or set ${setting} to another folder.`,
      );
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
  // Field 22; the name before it may hold spaces and is closed by the last parenthesis.
  return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19] ?? "unknown";
}
