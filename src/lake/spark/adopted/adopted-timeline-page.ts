/** The timeline of somebody else's table as the port tells it. */
import { timeOf, type Instant } from "../../../model/instant";
import { positionOf } from "../../../model/position";
import { readableCuts, type AdoptedLook } from "../../adopted/source";
import type { TimelineEntry } from "../../reader";
import type { SparkQueries } from "../reader/feed-source";
import { changesOfCommits, wholeTimeline, type FileChange, type TimelineLine } from "../reader/procedures";
import type { AdoptedTable } from "./adopted-table";

const ACTIONS: Readonly<Record<string, TimelineEntry["action"]>> = {
  commit: "commit",
  deltacommit: "commit",
  replacecommit: "replacecommit",
  clustering: "replacecommit",
  clean: "clean",
  rollback: "rollback",
  savepoint: "savepoint",
  restore: "restore",
};
const NO_CHANGES: readonly FileChange[] = [];

/**
 * Newest first, beginning after (older than) an instant. A page never ends between two actions of one instant, which a
 * savepoint shares with its commit, so it may be longer than asked.
 */
export async function adoptedTimelinePage(
  spark: SparkQueries,
  { name }: AdoptedTable,
  look: AdoptedLook,
  { limit, after }: { limit: number; after?: Instant },
): Promise<{ entries: TimelineEntry[]; next: Instant | null }> {
  const [lines, changes] = await Promise.all([wholeTimeline(spark, name), changesOfCommits(spark, name)]);
  const shown = lines.filter(
    ({ action, instant }) => ACTIONS[action] !== undefined && (after === undefined || instant < after),
  );
  let end = Math.min(limit, shown.length);
  while (end > 0 && shown[end]?.instant === shown[end - 1]!.instant) end++;
  const positions = new Map(readableCuts(look).map((cut) => [cut.instant, positionOf(look.epoch, cut)]));
  const entries = shown.slice(0, end).map((line) => {
    const isData = line.state === "COMPLETED" && /^(commit|replacecommit)$/.test(ACTIONS[line.action]!);
    return entryOf(line, isData ? changes(line.instant) : NO_CHANGES, isData ? positions.get(line.instant) : undefined);
  });
  return { entries, next: end > 0 && end < shown.length ? shown[end - 1]!.instant : null };
}

function entryOf(line: TimelineLine, changes: readonly FileChange[], position: string | undefined): TimelineEntry {
  const { instant, action, state } = line;
  const completedAt = state === "COMPLETED" ? line.completedAt : null;
  const sum = (count: (change: FileChange) => number) => changes.reduce((total, change) => total + count(change), 0);
  return {
    instant,
    position: position ?? null,
    completedAt,
    action: ACTIONS[action]!,
    state: state === "COMPLETED" || state === "INFLIGHT" ? state : "REQUESTED",
    inserted: sum(({ inserted }) => inserted),
    updated: sum(({ updated }) => updated),
    deleted: sum(({ deleted }) => deleted),
    filesWritten: changes.length,
    bytesWritten: sum(({ bytes }) => bytes),
    partitions: [...new Set(changes.map(({ partition }) => partition))].sort(),
    durationMs: completedAt === null ? null : Math.max(0, completedAt - timeOf(instant)),
    batches: 0,
  };
}
