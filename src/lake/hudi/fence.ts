/**
 * What tells the writers of a table from each other, where several processes take turns at writing it. The format knows what
 * they leave in it, not who they are.
 */
import { posix } from "node:path";
import { AppError } from "../../model/app-error";
import type { Instant } from "../../model/instant";
import type { HudiTable } from "./table";

/** Extra metadata of a commit: the fencing number of its writer's lease. */
export const FENCE = "weir_fence";
/** Extra metadata of a commit in flight: the one try that may complete it. */
export const ATTEMPT = "weir_attempt";

/** As src/lake/writer.ts has it. */
export interface WriteTerm {
  readonly fence: number;
  assertHeld(neededMs: number): void;
}

/** Of all feeds, in the lake: what statements of Spark must find when they read their source (src/lake/spark/write-permit.ts). */
const PERMITS_FOLDER = "_permits";

/** Of one feed. Whoever is about to look at its timelines removes it. @param tableFolder of a table of the feed */
export const permitsFolder = (tableFolder: string, feedName: string): string =>
  posix.join(posix.dirname(tableFolder), PERMITS_FOLDER, feedName);

/** Where the completed file of a commit is made before it gets its name. */
export const completionPath = (folder: string, instant: Instant): string =>
  `${folder}/.hoodie/.temp/${instant}/.completed`;

/** The number of a commit, from its extra metadata; 0 where it has none. */
export function fenceOf(extra: ReadonlyMap<string, string>): number {
  const fence = Number(extra.get(FENCE) ?? 0);
  return Number.isSafeInteger(fence) && fence > 0 ? fence : 0;
}

/** Newest commits of which the greatest number counts: one that another engine made carries none. */
const COMMITS_SEARCHED = 20;

/** The greatest number among the newest commits of a table, 0 when they carry none. */
export async function newestFence(table: HudiTable): Promise<number> {
  const newest = table.completedWrites().slice(-COMMITS_SEARCHED);
  const fences = await Promise.all(newest.map(async (commit) => fenceOf((await table.commitMetadata(commit)).extra)));
  return Math.max(0, ...fences);
}

/** @throws AppError engine-unavailable when the tables carry a greater number than the term's */
export function refuseFenced(fence: number, term: WriteTerm, name: string): void {
  if (fence <= term.fence) return;
  term.assertHeld(0); // one that was stopped until its lease had ended finds the next one's number, and that is as it should be
  throw new AppError(
    "engine-unavailable",
    `${name} was written under lease ${fence}, and this server holds lease ${term.fence}: it stopped writing. All servers of one lake have to use the same DATABASE_URL; when they do, start this one again.`,
  );
}
