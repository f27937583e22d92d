/**
 * What Hudi's archiver takes off a timeline it keeps for ever: about 4.5 KB per commit and table, which is 200 MB a day at a
 * commit every two seconds. Nobody reads that: what a table of a feed was, its log tells.
 */
import type { Storage } from "../storage/storage";

/** `.commits_.archive.17_1-0-1`; the next one gets the number after the greatest that is there. */
const ARCHIVE = /^\.commits_\.archive\.(\d+)_[\w-]+$/;
/** Some 1,800 commits, for people who look into it. */
const KEPT_BYTES = 8 * 2 ** 20;

/**
 * Removes the oldest files of an archive beyond a bound; the newest one stays in any case. Not while a commit is being made.
 *
 * @param folder of the archive
 * @returns how many were removed
 */
export async function trimArchive(storage: Storage, folder: string, keptBytes = KEPT_BYTES): Promise<number> {
  const files = (await storage.list(folder))
    .flatMap(({ name, bytes }) => {
      const number = ARCHIVE.exec(name)?.[1];
      return number === undefined ? [] : [{ name, bytes, number: Number(number) }];
    })
    .sort((a, b) => b.number - a.number);
  let [kept, removed] = [0, 0];
  for (const [i, { name, bytes }] of files.entries()) {
    kept += bytes;
    if (i === 0 || kept <= keptBytes) continue;
    await storage.remove(`${folder}/.${name}.crc`);
    await storage.remove(`${folder}/${name}`);
    removed++;
  }
  return removed;
}
