/** Events that were acknowledged wait where the process that took them was told to keep them; another place finds them here. */
import type { Storage } from "../lake/storage/storage";
import type { Feed } from "../model/feed";

export interface StagingPlace {
  storage: Storage;
  /** Of the staging areas of all feeds. */
  folder: string;
}

/** Moves what is staged in one place to another: durable there before it is gone here. @returns files */
export async function moveStaged(feeds: readonly Feed[], from: StagingPlace, to: StagingPlace): Promise<number> {
  let moved = 0;
  for (const { name: feed } of feeds) {
    for (const { name } of await from.storage.list(`${from.folder}/${feed}`)) {
      if (!name.endsWith(".avro")) continue;
      const path = `${from.folder}/${feed}/${name}`;
      await to.storage.putIfAbsent(`${to.folder}/${feed}/${name}`, await from.storage.read(path));
      await from.storage.remove(path);
      moved++;
    }
  }
  return moved;
}
