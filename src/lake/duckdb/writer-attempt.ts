/** One attempt at a commit: what was decided, kept until it is known how it ended. */
import { keyOf, type Feed } from "../../model/feed";
import type { Instant } from "../../model/instant";
import { positionOf } from "../../model/position";
import type { Row } from "../../model/value";
import { epochOf } from "../hudi/epoch";
import type { Commit } from "../writer";
import type { Incoming, StatePlan } from "./merge";
import type { WriterParts } from "./writer-parts";

export interface Attempt {
  instant: Instant;
  /** The head before it. */
  from: Instant | null;
  /** Rows by arrival; empty when a commit of an earlier process is finished. */
  rows: readonly Row[];
  duplicates: number;
  incoming: readonly Incoming[];
  plan: StatePlan;
  staged: readonly string[];
  /** Of performance.now(). */
  startedAt: number;
}

/** What its caller is told once it is complete: with the time of completion that the table itself tells from then on. */
export async function commitOf(parts: WriterParts, attempt: Attempt): Promise<Commit> {
  const { instant, from, rows, duplicates, incoming, plan, startedAt } = attempt;
  const epoch = epochOf(parts.main);
  const done = parts.main.completedWrites().findLast((write) => write.instant === instant);
  return {
    instant,
    committedAt: (done && (await parts.main.completedAt(done))) ?? parts.clock.now(),
    from: positionOf(epoch, from),
    to: positionOf(epoch, instant),
    up: plan.winners.map((n) => rows[n]!),
    del: [],
    versions: incoming.length,
    duplicates,
    partitions: touchedPartitions(parts.feed, attempt),
    durationMs: performance.now() - startedAt,
  };
}

function touchedPartitions(feed: Feed, { incoming, plan }: Attempt): string[] {
  const prefix = `${feed.partitionColumn}=`.length;
  const partitionOf = new Map(incoming.map(({ n, partition }) => [n, partition]));
  const touched = new Set(plan.winners.map((n) => partitionOf.get(n)!.slice(prefix)));
  for (const { partition } of plan.changes.values()) touched.add(partition.slice(prefix));
  return [...touched].sort();
}

/** Two commits in a row as one: what its caller has not been told of, and what came after. */
export function joinCommits(feed: Feed, earlier: Commit, later: Commit): Commit {
  const changedAgain = new Set(later.up.map((row) => keyOf(feed, row)));
  return {
    ...later,
    from: earlier.from,
    up: [...earlier.up.filter((row) => !changedAgain.has(keyOf(feed, row))), ...later.up],
    versions: earlier.versions + later.versions,
    duplicates: earlier.duplicates + later.duplicates,
    partitions: [...new Set([...earlier.partitions, ...later.partitions])].sort(),
  };
}
