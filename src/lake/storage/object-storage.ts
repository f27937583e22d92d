/**
 * Storage in a bucket. Folders are no things there: one is what keys begin with. Where an engine wants to see one that is still
 * empty it looks for an object of its name and a `/`, which is what Hadoop's connectors leave too.
 */
import { posix } from "node:path";
import { AppError } from "../../model/app-error";
import type { Bucket, StoredObject } from "./bucket";
import type { Entry, Storage } from "./storage";

const NO_BYTES = new Uint8Array();
/** Requests at a time when a folder is removed. */
const REMOVALS = 16;

export function objectStorage(bucket: Bucket): Storage {
  return {
    locate: (path) => `${bucket.url}/${path}`,
    list: (folder) => list(bucket, prefixOf(folder)),
    async stat(path) {
      const found = await bucket.stat(path);
      return found && { bytes: found.bytes, modifiedAt: found.modifiedAt };
    },
    async read(path) {
      const found = await bucket.read(path);
      if (found === null) throw new AppError("not-found", `There is no object ${bucket.url}/${path}.`);
      return found;
    },
    write: (path, bytes) => bucket.write(path, bytes),
    // An object is whole or not there: nothing to draft.
    putIfAbsent: (path, bytes) => bucket.create(path, bytes),
    publish: (temporary, path) => publish(bucket, temporary, path),
    makeFolder: async (folder) => void (await bucket.create(prefixOf(folder), NO_BYTES)),
    remove: (path) => bucket.remove(path),
    removeFolder: (folder) => removeFolder(bucket, folder),
  };
}

/** A `/` more or less at its end makes another prefix, and no other folder; the root is what begins with nothing. */
function prefixOf(folder: string): string {
  const name = folder.replace(/\/+$/, "");
  return name === "" ? "" : `${name}/`;
}

async function list(bucket: Bucket, prefix: string): Promise<Entry[]> {
  const { objects, prefixes } = await bucket.level(prefix);
  const file = ({ key, bytes, modifiedAt }: StoredObject): Entry => ({
    name: key.slice(prefix.length),
    isFolder: false,
    bytes,
    modifiedAt,
  });
  const folder = (key: string): Entry => ({ name: posix.basename(key), isFolder: true, bytes: 0, modifiedAt: 0 });
  return [...objects.filter(({ key }) => key !== prefix).map(file), ...prefixes.map(folder)];
}

/** A copy and a removal: who dies between them leaves the temporary object, as on a disk who dies before. */
async function publish(bucket: Bucket, temporary: string, path: string): Promise<void> {
  if (!(await bucket.copy(temporary, path))) {
    throw new AppError("not-found", `There is no object ${bucket.url}/${temporary}.`);
  }
  await bucket.remove(temporary);
}

/** The folder's own object last: a removal that was cut short can be made again. */
async function removeFolder(bucket: Bucket, folder: string): Promise<void> {
  const prefix = prefixOf(folder);
  const keys = (await bucket.keys(prefix)).filter((key) => key !== prefix);
  for (let i = 0; i < keys.length; i += REMOVALS) {
    await Promise.all(keys.slice(i, i + REMOVALS).map((key) => bucket.remove(key)));
  }
  await bucket.remove(prefix);
}
