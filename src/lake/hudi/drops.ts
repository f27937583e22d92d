/**
 * Rows that left a table because they were past their time: a `replacecommit` that replaces every file group of their
 * partitions (operation DELETE_PARTITION) and writes nothing. Its extra metadata says what a fold over the versions needs
 * to know, because the replaced files go with a later clean.
 *
 * A drop is a position that readers ask for as long as versions from before it are kept, which is longer than the timeline
 * is: what leaves the timeline lies on in `.hoodie/archived/`, with the body that it had.
 */
import { z } from "zod";
import { timeOf, type Instant } from "../../model/instant";
import type { Storage } from "../storage/storage";
import { COMMITTED_AT, type CommitMetadata } from "./commit-metadata";

export interface Drop {
  instant: Instant;
  /** Epoch ms at which it completed. */
  committedAt: number;
  /** Everything that happened before this left, epoch ms. Less than that of an earlier drop only where one came late. */
  before: number;
  /** How many rows left. */
  rows: number;
  /** The partitions that went, and when each was made. */
  partitions: ReadonlyMap<string, Instant>;
  /** Keys that left although a version of theirs happened later: none of what they were before the drop counts any more. */
  moved: readonly string[];
}

/** Keys that are told one by one; whoever follows reads the table again when more leave at once. */
export const MOST_TOLD = 500_000;

/** What an entry of the timeline tells of a drop, whose commit has no statistics of files. */
export const whatLeft = ({ rows, partitions }: Drop) => ({
  deleted: rows,
  partitions: [...partitions.keys()].map(dayOrHour).sort(),
});

/** `event_date=2026-11-21` as `2026-11-21`. */
export const dayOrHour = (partitionPath: string): string => partitionPath.split("=").at(-1)!;

/** Those until an instant by which versions do not count, the newest first: mostly one, because no other lets go of more. */
export function decidingDrops(drops: readonly Drop[], until: Instant): Drop[] {
  const deciding: Drop[] = [];
  for (const drop of drops.toReversed()) {
    if (drop.instant <= until && drop.before > (deciding.at(-1)?.before ?? -Infinity)) deciding.push(drop);
  }
  return deciding;
}

/** What a drop says in its extra metadata. */
export type Left = Pick<Drop, "before" | "rows" | "partitions" | "moved">;

export const LEFT = "weir_left";
export const DROP_OPERATION = "DELETE_PARTITION";

const left = z.object({
  before: z.number(),
  rows: z.number(),
  partitions: z.record(z.string(), z.string()),
  moved: z.array(z.string()),
});

/** The value of `LEFT`. */
export const leftText = ({ before, rows, partitions, moved }: Left): string =>
  JSON.stringify({ before, rows, partitions: Object.fromEntries(partitions), moved });

/** The same in Base64, for an engine that takes no braces and quotes in a setting. */
export const leftSetting = (what: Left): string => Buffer.from(leftText(what), "utf8").toString("base64");

/**
 * Null for replacecommits that are none of ours.
 *
 * @param completedAt epoch ms by the timeline, null where it does not tell
 */
export function dropOf(instant: Instant, completedAt: number | null, metadata: CommitMetadata): Drop | null {
  const { operationType, extra } = metadata;
  const text = extra.get(LEFT);
  if (text === undefined || operationType !== DROP_OPERATION) return null;
  const json = text.startsWith("{") ? text : Buffer.from(text, "base64").toString("utf8");
  const { before, rows, partitions, moved } = left.parse(JSON.parse(json));
  const committedAt = Number(extra.get(COMMITTED_AT) ?? completedAt ?? timeOf(instant));
  return { instant, committedAt, before, rows, partitions: new Map(Object.entries(partitions)), moved };
}

export const inOrder = (drops: Iterable<Drop>): Drop[] => [...drops].sort((a, b) => (a.instant < b.instant ? -1 : 1));

const FOLDER = ".hoodie/archived";
const FILE = /^(\d{17})\.replacecommit$/;

/** Where the body of a drop lies that has left the timeline, or is about to. */
export const archivedDropPath = (folder: string, instant: Instant): string =>
  `${folder}/${FOLDER}/${instant}.replacecommit`;

/** Of the drops whose bodies were laid aside, in no order. */
export async function archivedDrops(storage: Storage, folder: string): Promise<Instant[]> {
  const entries = await storage.list(`${folder}/${FOLDER}`);
  return entries.flatMap(({ name }) => FILE.exec(name)?.[1] ?? []);
}
