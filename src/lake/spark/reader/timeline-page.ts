/** The state's timeline as the port tells it. */
import { timeOf, type Instant } from "../../../model/instant";
import { positionOf } from "../../../model/position";
import { dayOrHour, whatLeft } from "../../hudi/drops";
import type { TimelineEntry } from "../../reader";
import type { FeedSource } from "./feed-source";
import type { Positions } from "./positions";
import { changesOfCommits, wholeTimeline, type CommitNotes, type FileChange, type TimelineLine } from "./procedures";

const ACTIONS: Readonly<Record<string, TimelineEntry["action"]>> = {
  commit: "commit",
  deltacommit: "commit",
  replacecommit: "replacecommit",
  clean: "clean",
  rollback: "rollback",
  savepoint: "savepoint",
  restore: "restore",
};

/**
 * Newest first, beginning after (older than) an instant. A page never ends between two actions of one instant, which a
 * savepoint shares with its commit, so it may be one entry longer than asked.
 */
export async function timelinePage(
  source: FeedSource,
  positions: Positions,
  epoch: string,
  { limit, after }: { limit: number; after?: Instant },
): Promise<{ entries: TimelineEntry[]; next: Instant | null }> {
  const { spark, main } = source;
  const shown = (await wholeTimeline(spark, main)).filter(
    ({ action, instant }) => ACTIONS[action] !== undefined && (after === undefined || instant < after),
  );
  let end = Math.min(limit, shown.length);
  while (end > 0 && shown[end]?.instant === shown[end - 1]!.instant) end++;
  const page = shown.slice(0, end);
  const [changes, positionAt, drops] = await Promise.all([
    changesOfCommits(spark, main),
    positionsByState(positions, page),
    positions.drops(),
  ]);
  const dropAt = new Map(drops.map((drop) => [drop.instant, drop]));
  const entries = await Promise.all(
    page.map(async (line) => {
      const isWrite = ACTIONS[line.action] === "commit" || line.action === "replacecommit";
      const isData = isWrite && line.state === "COMPLETED";
      const notes = isData ? await positions.pairs.notes(main, line.instant) : null;
      const instant = isData ? positionAt.get(line.instant) : undefined;
      const position = instant ? positionOf(epoch, instant) : null;
      const entry = entryOf(line, isData ? changes(line.instant) : [], notes, position);
      const drop = isData ? dropAt.get(line.instant) : undefined;
      return drop === undefined ? entry : { ...entry, ...whatLeft(drop) };
    }),
  );
  return { entries, next: end > 0 && end < shown.length ? shown[end - 1]!.instant : null };
}

/** Positions by the commits of the state that carry them, among those of a page. */
async function positionsByState(positions: Positions, page: readonly TimelineLine[]): Promise<Map<Instant, Instant>> {
  const wanted = new Set(page.map(({ instant }) => instant));
  const found = new Map<Instant, Instant>();
  for (const pair of await positions.recent()) {
    if (!pair.candidates.some(({ instant }) => wanted.has(instant))) continue;
    const state = await positions.pairs.stateOf(pair);
    if (state !== null) found.set(state, pair.instant);
  }
  return found;
}

function entryOf(
  { instant, action, state, completedAt: told }: TimelineLine,
  changes: readonly FileChange[],
  notes: CommitNotes | null,
  position: string | null,
): TimelineEntry {
  const completedAt = state === "COMPLETED" ? (notes?.committedAt ?? told) : null;
  const sum = (count: (change: FileChange) => number) => changes.reduce((total, change) => total + count(change), 0);
  return {
    instant,
    position,
    completedAt,
    action: ACTIONS[action]!,
    state: state === "COMPLETED" || state === "INFLIGHT" ? state : "REQUESTED",
    inserted: sum(({ inserted }) => inserted),
    updated: sum(({ updated }) => updated),
    deleted: sum(({ deleted }) => deleted),
    filesWritten: changes.length,
    bytesWritten: sum(({ bytes }) => bytes),
    partitions: [...new Set(changes.map(({ partition }) => dayOrHour(partition)))].sort(),
    durationMs: completedAt === null ? null : Math.max(0, Math.round(completedAt - timeOf(instant))),
    batches: notes?.batches ?? 0,
  };
}
