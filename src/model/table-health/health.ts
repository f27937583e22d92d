/** Every check of a feed's tables, and the one line that the first page has of them. */
import { ascending, percentile, worstOf, type Check } from "./check";
import { commitAge, commitDuration, commitGap, failedCommits, pendingInstants } from "./commits";
import type { DuplicateFacts, FeedFacts, TableFacts } from "./facts";
import { timeOf } from "../instant";
import { duplicates, fileSizes, partitionsTouched, skew, smallFiles, smallFilesOf, writeAmplification } from "./layout";
import {
  activeTimeline,
  cleaner,
  expectedProperties,
  locksAndHeartbeats,
  savepoints,
  tableServices,
  timeTravelReach,
} from "./upkeep";

/** @param found null where nobody asked for duplicates */
export function feedChecks(feed: FeedFacts, found: DuplicateFacts | null): Check[] {
  return [commitAge(feed), timeTravelReach(feed), duplicates(feed, found)];
}

export function tableChecks(feed: FeedFacts, table: TableFacts): Check[] {
  return [
    commitGap(table),
    commitDuration(table),
    pendingInstants(table),
    failedCommits(table),
    cleaner(table),
    activeTimeline(table),
    savepoints(table),
    smallFiles(table),
    fileSizes(table),
    skew(table),
    writeAmplification(table),
    partitionsTouched(table),
    expectedProperties(feed, table),
    locksAndHeartbeats(table),
    tableServices(table),
  ];
}

export const allChecks = (feed: FeedFacts, found: DuplicateFacts | null): Check[] => [
  ...feedChecks(feed, found),
  ...feed.tables.flatMap((table) => tableChecks(feed, table)),
];

/** One line of it. What is null is not known. */
export interface TableHealthLine {
  feed: string;
  /** Epoch ms of the newest commit; the reader of the line makes an age of it. */
  committedAt: number | null;
  durationP99Ms: number | null;
  gapP99Ms: number | null;
  smallFiles: number | null;
  clean: "ok" | "watch" | "bad" | "unknown";
  pending: number | null;
  staged: { events: number; oldestAt: number | null } | null;
  worst: "ok" | "watch" | "bad";
  /** Titles of the checks that are past their limit, most serious first. */
  past: readonly string[];
}

export function healthLine(feed: FeedFacts): TableHealthLine {
  const checks = allChecks(feed, null);
  const [state] = feed.tables;
  const past = checks.filter((check) => check.state === "bad" || check.state === "watch");
  past.sort((a, b) => Number(b.state === "bad") - Number(a.state === "bad"));
  const cleaning = checks.find((check) => check.id === "clean")?.state ?? "unknown";
  return {
    feed: feed.feed,
    committedAt: feed.head.committedAt,
    durationP99Ms: state ? p99Duration(state) : null,
    gapP99Ms: checks.find((check) => check.id === "commit-gap")?.number ?? null,
    smallFiles: state?.files.unknown === undefined && state ? smallFilesOf(state.files.value.sizes) : null,
    clean: cleaning === "note" ? "ok" : cleaning,
    pending: checks.find((check) => check.id === "pending")?.number ?? null,
    staged: feed.staged,
    worst: worstOf(checks),
    past: [...new Set(past.map(({ title }) => title))],
  };
}

function p99Duration({ commits }: TableFacts): number | null {
  if (commits.unknown !== undefined) return null;
  const durations = commits.value.flatMap(({ instant, completedAt }) =>
    completedAt === null ? [] : [Math.max(0, completedAt - timeOf(instant))],
  );
  return percentile(ascending(durations), 0.99);
}
