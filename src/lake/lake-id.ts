/** The identity of a lake, which lies in it: its folder has other names for other processes. */
import type { Storage } from "./storage/storage";

/** Under this name, in the lake's folder. */
export const LAKE_ID_FILE = ".weir-lake";
const ID = /^[0-9a-f-]{36}$/;

/**
 * The identity of the lake in a folder; it is given one when it has none.
 *
 * @param newId a UUID
 */
export async function lakeIdOf(storage: Storage, folder: string, newId: () => string): Promise<string> {
  const path = `${folder}/${LAKE_ID_FILE}`;
  await storage.putIfAbsent(path, Buffer.from(`${newId()}\n`));
  const id = Buffer.from(await storage.read(path))
    .toString("utf8")
    .trim();
  if (ID.test(id)) return id;
  throw new Error(`${path} does not hold the identity of a lake (${JSON.stringify(id.slice(0, 60))}): remove it.`);
}
