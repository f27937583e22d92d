/** A table's timeline as the port tells it. */
import { AppError } from "../../model/app-error";
import type { Instant } from "../../model/instant";
import { timeOf } from "../../model/instant";
import type { Position } from "../../model/position";
import type { CommitMetadata } from "../hudi/commit-metadata";
import { dayOrHour, whatLeft } from "../hudi/drops";
import type { HudiTable } from "../hudi/table";
import { isWrite, type Action, type TimelineInstant } from "../hudi/timeline";
import type { TimelineEntry } from "../reader";

const ACTIONS: Readonly<Partial<Record<Action, TimelineEntry["action"]>>> = {
  commit: "commit",
  deltacommit: "commit",
  replacecommit: "replacecommit",
  clean: "clean",
  rollback: "rollback",
  savepoint: "savepoint",
  restore: "restore",
};

export interface TimelinePage {
  entries: TimelineEntry[];
  next: Instant | null;
}

/**
 * Newest first, beginning after (older than) an instant. A page never ends between two actions of one instant, which a
 * savepoint shares with its commit, so it may be one entry longer than asked.
 *
 * @param positionOf the position of a completed commit, null for what moves no reader
 */
export async function timelinePage(
  table: HudiTable,
  { limit, after }: { limit: number; after?: Instant },
  positionOf: (instant: TimelineInstant) => Position | null,
): Promise<TimelinePage> {
  const shown = table.instants.filter(
    ({ action, instant }) => ACTIONS[action] !== undefined && (after === undefined || instant < after),
  );
  shown.reverse();
  let end = Math.min(limit, shown.length);
  while (end > 0 && shown[end]?.instant === shown[end - 1]!.instant) end++;
  const found = await Promise.all(shown.slice(0, end).map((instant) => entryOf(table, instant, positionOf(instant))));
  const entries = found.filter((entry) => entry !== null);
  return { entries, next: end > 0 && end < shown.length ? shown[end - 1]!.instant : null };
}

/** Null for a commit that was archived since it was listed: it is no longer on the timeline. */
async function entryOf(
  table: HudiTable,
  found: TimelineInstant,
  position: Position | null,
): Promise<TimelineEntry | null> {
  const { instant, action, state } = found;
  const completedAt = await table.completedAt(found);
  const isComplete = state === "COMPLETED";
  const isCommit = isComplete && isWrite(found);
  const body = isCommit ? await table.commitMetadata(found).catch(nullIfMissing) : null;
  if (isCommit && body === null) return null;
  const drop = action === "replacecommit" ? table.drops.find((known) => known.instant === instant) : undefined;
  return {
    instant,
    position,
    completedAt,
    action: ACTIONS[action]!,
    state,
    durationMs: completedAt === null ? null : Math.max(0, Math.round(completedAt - timeOf(instant))),
    ...whatChanged(body),
    ...(drop && whatLeft(drop)),
  };
}

function nullIfMissing(error: unknown): null {
  if (error instanceof AppError && error.code === "not-found") return null;
  throw error;
}

function whatChanged(body: CommitMetadata | null) {
  const stats = body?.writeStats ?? [];
  const sum = (count: (stat: (typeof stats)[number]) => number) =>
    stats.reduce((total, stat) => total + count(stat), 0);
  const staged = body?.extra.get("weir_staged") ?? "";
  return {
    inserted: sum((stat) => stat.numInserts),
    updated: sum((stat) => stat.numUpdateWrites),
    deleted: sum((stat) => stat.numDeletes),
    filesWritten: stats.length,
    bytesWritten: sum((stat) => stat.fileSizeInBytes),
    partitions: [...new Set(stats.map(({ partitionPath }) => dayOrHour(partitionPath)))].sort(),
    batches: staged === "" ? 0 : staged.split(",").length,
  };
}
