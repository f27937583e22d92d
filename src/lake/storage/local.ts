/** Storage on a local disk: temporary file, fsync, rename, fsync of the folder. */
import { randomUUID } from "node:crypto";
import { link, mkdir, open, type FileHandle, readdir, readFile, rename, rm, stat, unlink } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { AppError } from "../../model/app-error";
import type { Entry, Storage } from "./storage";

/** Errors of the machine's disk that a publisher can only wait out: full, over quota, read-only, broken. */
const DISK_FAULTS = new Set(["ENOSPC", "EDQUOT", "EROFS", "EIO"]);

export function localStorage(root: string): Storage {
  const base = resolve(root);
  const locate = (path: string) => join(base, path);
  return {
    locate,
    list: (folder) => guarded(() => list(locate(folder))),
    stat: (path) => guarded(() => statFile(locate(path))),
    read: (path) => guarded(() => read(locate(path), path)),
    write: (path, bytes) => guarded(() => writeAtomically(locate(path), bytes, dirname(locate(path)), rename)),
    putIfAbsent: (path, bytes, drafts) =>
      guarded(() => putIfAbsent(locate(path), bytes, drafts === undefined ? dirname(locate(path)) : locate(drafts))),
    publish: (temporary, path) => guarded(() => publish(locate(temporary), locate(path))),
    makeFolder: (folder) => guarded(async () => void (await mkdir(locate(folder), { recursive: true }))),
    remove: (path) => guarded(() => rm(locate(path), { force: true })),
    removeFolder: (folder) => guarded(() => rm(locate(folder), { recursive: true, force: true })),
  };
}

const codeOf = (error: unknown): string | undefined => (error as NodeJS.ErrnoException | undefined)?.code;

async function guarded<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const code = codeOf(error);
    if (code === undefined || !DISK_FAULTS.has(code)) throw error;
    throw new AppError(
      "disk-full",
      `The disk of the data directory does not take writes (${code}).`,
      {},
      { cause: error },
    );
  }
}

async function list(folder: string): Promise<Entry[]> {
  let entries;
  try {
    entries = await readdir(folder, { withFileTypes: true });
  } catch (error) {
    if (codeOf(error) === "ENOENT") return [];
    throw error;
  }
  const described = await Promise.all(
    entries.map(async (entry): Promise<Entry | null> => {
      if (entry.isDirectory()) return { name: entry.name, isFolder: true, bytes: 0, modifiedAt: 0 };
      const file = await statFile(join(folder, entry.name));
      return file && { name: entry.name, isFolder: false, ...file };
    }),
  );
  return described.filter((entry) => entry !== null); // a file may go while the folder is read
}

async function statFile(path: string) {
  try {
    const { size, mtimeMs } = await stat(path);
    return { bytes: size, modifiedAt: mtimeMs };
  } catch (error) {
    if (codeOf(error) === "ENOENT") return null;
    throw error;
  }
}

async function read(path: string, name: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (error) {
    if (codeOf(error) === "ENOENT") throw new AppError("not-found", `There is no file ${name}.`, {}, { cause: error });
    throw error;
  }
}

async function putIfAbsent(path: string, bytes: Uint8Array, drafts: string): Promise<boolean> {
  try {
    if (bytes.length === 0) {
      // Nothing can be half of an empty file.
      await (await openNew(path)).close();
      await syncFolder(dirname(path));
      return true;
    }
    // link() fails when the name exists, which rename() would not.
    await writeAtomically(path, bytes, drafts, async (temporary, final) => {
      if (drafts !== dirname(final)) await mkdir(dirname(final), { recursive: true });
      await link(temporary, final);
      await unlink(temporary);
    });
    return true;
  } catch (error) {
    if (codeOf(error) === "EEXIST") return false;
    throw error;
  }
}

/** Makes a file that does not exist yet. Its folder nearly always does: it is made when it turns out to be missing. */
async function openNew(path: string): Promise<FileHandle> {
  try {
    return await open(path, "wx");
  } catch (error) {
    if (codeOf(error) !== "ENOENT") throw error;
    await mkdir(dirname(path), { recursive: true });
    return open(path, "wx");
  }
}

async function writeAtomically(
  path: string,
  bytes: Uint8Array,
  drafts: string,
  place: (from: string, to: string) => Promise<void>,
): Promise<void> {
  const temporary = join(drafts, `.${randomUUID()}.tmp`);
  try {
    const file = await openNew(temporary);
    try {
      await file.writeFile(bytes);
      await file.datasync();
    } finally {
      await file.close();
    }
    await place(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
  await syncFolder(dirname(path));
}

async function publish(temporary: string, path: string): Promise<void> {
  const file = await open(temporary, "r+");
  try {
    await file.datasync();
  } finally {
    await file.close();
  }
  try {
    await rename(temporary, path);
  } catch (error) {
    if (codeOf(error) !== "ENOENT") throw error;
    await mkdir(dirname(path), { recursive: true });
    await rename(temporary, path);
  }
  await syncFolder(dirname(path));
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
