/** Where a lake lies: a folder on a disk, or what begins with a folder's name in a bucket. */
import { randomUUID } from "node:crypto";
import { basename, dirname } from "node:path";
import { localStorage } from "./local";
import type { Storage } from "./storage";

export type LakeAddress =
  | {
      kind: "disk";
      /** Absolute. */
      path: string;
    }
  | {
      kind: "google-bucket";
      bucket: string;
      /** Without `/` at its ends. */
      folder: string;
      /** Of the API; null = Google's. */
      endpoint: string | null;
    };

/** Where a lake is for Weir and for Spark. */
export interface LakePlace {
  storage: Storage;
  /** In the storage. */
  folder: string;
  /** The same folder as Spark sees it, `file:/srv/lake`. */
  url: string;
}

/**
 * @param access what will be asked of it: a bucket that does not grant that is told at once
 * @throws AppError engine-unavailable when a bucket cannot be reached or used, with the reason
 */
export async function openLakePlace(address: LakeAddress, access: "read" | "write"): Promise<LakePlace> {
  if (address.kind === "disk") {
    const { path } = address;
    return { storage: localStorage(dirname(path)), folder: basename(path), url: `file:${path}` };
  }
  const { bucket, folder, endpoint } = address;
  // The client of a cloud takes a while to load: only who needs it loads it.
  const [{ googleBucket }, { objectStorage }] = await Promise.all([
    import("./google-bucket"),
    import("./object-storage"),
  ]);
  const storage = objectStorage(googleBucket({ name: bucket, endpoint }));
  await (access === "read" ? storage.list(folder) : tryToWrite(storage, `${folder}/.weir-probe-${randomUUID()}`));
  return { storage, folder, url: storage.locate(folder) };
}

async function tryToWrite(storage: Storage, path: string): Promise<void> {
  await storage.write(path, new Uint8Array());
  await storage.remove(path);
}
