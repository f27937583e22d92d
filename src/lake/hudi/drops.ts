/**
 * Rows that left a table because they were past their time: a `replacecommit` that replaces every file group of their
 * partitions (operation DELETE_PARTITION) and writes nothing. Its extra metadata says what a fold over the versions needs
 * to know, because the replaced files go with a later clean.
 *
 * A drop is a position that readers ask for as long as versions from before it are kept, which is longer than the timeline
 * is: what leaves the timeline lies on in `.hoodie/archived/`, with the body that it had.
 */
import { z } from "zod";
import type { Instant } from "../../model/instant";
import type { CommitMetadata } from "./commit-metadata";
import type { TimelineInstant } from "./timeline";

export interface Drop {
  instant: Instant;
  /** Epoch ms at which it completed. */
  committedAt: number;
  /** Everything that happened before this left, epoch ms. Never less than that of an earlier drop. */
  before: number;
  /** How many rows left. */
  rows: number;
  /** The partitions that went, and when each was made. */
  partitions: ReadonlyMap<string, Instant>;
  /** Keys that left although a version of theirs happened later: none of what they were before the drop counts any more. */
  moved: readonly string[];
}

/** Extra metadata of a drop: what is in `Drop` beside the instant and the time of completion. */
const LEFT = "weir_left";
export const DROP_OPERATION = "DELETE_PARTITION";

const left = z.object({
  before: z.number(),
  rows: z.number(),
  partitions: z.record(z.string(), z.string()),
  moved: z.array(z.string()),
});

export const dropExtra = ({ before, rows, partitions, moved }: Omit<Drop, "instant" | "committedAt">) =>
  [LEFT, JSON.stringify({ before, rows, partitions: Object.fromEntries(partitions), moved })] as const;

/** Null for replacecommits that are none of ours. */
export function dropOf(instant: Instant, committedAt: number, { operationType, extra }: CommitMetadata): Drop | null {
  const text = extra.get(LEFT);
  if (text === undefined || operationType !== DROP_OPERATION) return null;
  const { before, rows, partitions, moved } = left.parse(JSON.parse(text));
  return { instant, committedAt, before, rows, partitions: new Map(Object.entries(partitions)), moved };
}

const FOLDER = ".hoodie/archived";
const FILE = /^(\d{17})\.replacecommit$/;

/** Where drops lie that have left the timeline, relative to the table. */
export const archivedDrops = FOLDER;
export const archivedDropPath = (folder: string, instant: Instant): string =>
  `${folder}/${FOLDER}/${instant}.replacecommit`;
export const archivedDropInstant = (name: string): Instant | null => FILE.exec(name)?.[1] ?? null;

/** As an action of the timeline that it was. */
export const asAction = ({ instant, committedAt }: Drop): TimelineInstant => ({
  instant,
  action: "replacecommit",
  state: "COMPLETED",
  completion: null,
  completedAt: committedAt,
  file: `${instant}.replacecommit`,
});
