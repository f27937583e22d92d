/** Whether commits come, how long they take, and what was begun and not completed. */
import { timeOf } from "../instant";
import { countOf, msText } from "./amounts";
import { ascending, atMost, notKnown, percentile, told, type Check, type CheckState } from "./check";
import type { CommitFact, FeedFacts, InstantFact, TableFacts } from "./facts";

const SECOND = 1_000;
const MINUTE = 60_000;
/** What is staged is committed within a second; beyond this somebody notices. */
const STAGED_WAIT_MS = 15 * SECOND;
const STAGED_WAIT_BAD_MS = 2 * MINUTE;
/** Of tables that others write: so many of their own usual gaps. */
const SILENT_GAPS = 3;
const SILENT_GAPS_BAD = 10;
const SILENT_LEAST_MS = 5 * MINUTE;
export const DURATION_LIMIT_MS = 5 * SECOND;
const DURATION_BAD_MS = 30 * SECOND;
/** Fewer commits tell no trend. */
const TREND_COMMITS = 20;
const TREND_FACTOR = 2;
export const PENDING_LIMIT_MS = 10 * MINUTE;
const PENDING_BAD_MS = 60 * MINUTE;
const MOST_NAMED = 5;

/** Milliseconds between the starts of neighbouring commits, in their order. */
export function gapsOf(instants: readonly Pick<InstantFact, "instant">[]): number[] {
  const times = instants.map(({ instant }) => timeOf(instant));
  return times.slice(1).map((time, i) => time - times[i]!);
}

const durationsOf = (commits: readonly CommitFact[]): number[] =>
  commits.flatMap(({ instant, completedAt }) =>
    completedAt === null ? [] : [Math.max(0, completedAt - timeOf(instant))],
  );

const isWrite = (action: string): boolean =>
  action === "commit" || action === "replacecommit" || action === "deltacommit";

export const completedCommits = (instants: readonly InstantFact[]): InstantFact[] =>
  instants.filter(({ action, state }) => state === "COMPLETED" && isWrite(action));

/** How the newer half of a series stands to the older half, by their medians; null for too short a series. */
export function trendOf(values: readonly number[]): number | null {
  if (values.length < TREND_COMMITS) return null;
  const middle = Math.floor(values.length / 2);
  const [older, newer] = [values.slice(0, middle), values.slice(middle)].map(
    (half) => percentile(ascending(half), 0.5) ?? 0,
  );
  return older! <= 0 ? null : newer! / older!;
}

const trendText = (trend: number | null): string =>
  trend === null ? "" : trend > 1.25 ? ` · rising (${trend.toFixed(1)}×)` : trend < 0.8 ? ` · falling (${trend.toFixed(1)}×)` : " · steady"; // prettier-ignore

/** Of the feed: the newest commit is no older than it should be. */
export function commitAge(feed: FeedFacts): Check {
  const about = {
    id: "commit-age",
    table: null,
    title: "Time since the last commit",
    limit: feed.staged
      ? `what is accepted waits at most ${msText(STAGED_WAIT_MS)}`
      : `${SILENT_GAPS} of its usual gaps, at least ${msText(SILENT_LEAST_MS)}`,
    why: "Pages and engines show the newest commit: what waits before it is seen by nobody.",
    cure: feed.staged
      ? "Look at the state of the feed and the log of the server for what stalls the committer: a full disk, an engine that is away, a lease that another server holds."
      : "Look at the job that writes this table: it has stopped, or it is waiting for its source.",
  };
  const { committedAt } = feed.head;
  if (committedAt === null)
    return told(about, { state: "note", number: null, unit: "ms", value: "nothing was committed yet" });
  const age = Math.max(0, feed.now - committedAt);
  if (feed.isPast)
    return told(about, { state: "note", number: age, unit: "ms", value: `${msText(age)} before this page's time` });
  if (feed.staged !== null) {
    const waited = feed.staged.oldestAt === null ? 0 : Math.max(0, feed.now - feed.staged.oldestAt);
    const waiting =
      feed.staged.events === 0
        ? "nothing waits"
        : `${countOf(feed.staged.events, "event")} wait, the oldest for ${msText(waited)}`;
    const state = atMost(waited, STAGED_WAIT_MS, STAGED_WAIT_BAD_MS);
    return told(about, { state, number: age, unit: "ms", value: `${msText(age)}, ${waiting}` });
  }
  const usual = usualGap(feed.tables[0]);
  const limit = Math.max(SILENT_LEAST_MS, (usual ?? 0) * SILENT_GAPS);
  const state: CheckState = usual === null ? "note" : atMost(age, limit, Math.max(limit, usual * SILENT_GAPS_BAD));
  const value = usual === null ? msText(age) : `${msText(age)}, usually ${msText(usual)} pass between commits`;
  return told(about, { state, number: age, unit: "ms", value });
}

function usualGap(table: TableFacts | undefined): number | null {
  if (table?.instants.unknown !== undefined || table === undefined) return null;
  return percentile(ascending(gapsOf(completedCommits(table.instants.value))), 0.99);
}

export function commitGap(table: TableFacts): Check {
  const about = {
    id: "commit-gap",
    table: table.role,
    title: "Gap between commits",
    limit: `not ${TREND_FACTOR}× what it was`,
    why: "The gap is the age that data has when it is seen. One that grows says that commits cannot keep up, or that less arrives.",
    cure: "Compare with the duration of commits below: where that grew too, look at files and amplification; where it did not, less was published.",
  };
  if (table.instants.unknown !== undefined) return notKnown(about, table.instants.unknown);
  const inOrder = gapsOf(completedCommits(table.instants.value));
  const gaps = ascending(inOrder);
  const [p50, p99] = [percentile(gaps, 0.5), percentile(gaps, 0.99)];
  if (p50 === null || p99 === null)
    return told(about, { state: "note", number: null, unit: "ms", value: "fewer than two commits on the timeline" });
  const trend = trendOf(inOrder);
  const state: CheckState = trend !== null && trend > TREND_FACTOR && p50 > SECOND ? "watch" : "ok";
  const value = `p50 ${msText(p50)} · p99 ${msText(p99)}${trendText(trend)}`;
  return told(about, { state, number: p99, unit: "ms", value });
}

export function commitDuration(table: TableFacts): Check {
  const about = {
    id: "commit-duration",
    table: table.role,
    title: "Duration of commits",
    limit: `p99 of at most ${msText(DURATION_LIMIT_MS)}`,
    why: "While a commit runs nothing newer is seen, and what arrives meanwhile waits for the next one.",
    cure: "Look at partitions touched and bytes rewritten: late events that touch many old files cost most. On Spark, look at the load of the server.",
  };
  if (table.commits.unknown !== undefined) return notKnown(about, table.commits.unknown);
  const inOrder = durationsOf(table.commits.value);
  const durations = ascending(inOrder);
  const [p50, p99] = [percentile(durations, 0.5), percentile(durations, 0.99)];
  if (p50 === null || p99 === null)
    return told(about, { state: "note", number: null, unit: "ms", value: "no commit on the timeline tells" });
  const trend = trendOf(inOrder);
  const past = atMost(p99, DURATION_LIMIT_MS, DURATION_BAD_MS);
  const state = past === "ok" && trend !== null && trend > TREND_FACTOR && p50 > SECOND ? "watch" : past;
  const value = `p50 ${msText(p50)} · p99 ${msText(p99)}${trendText(trend)} · of ${countOf(durations.length, "commit")}`;
  return told(about, { state, number: p99, unit: "ms", value });
}

/** What was begun and neither completed nor rolled back. */
export function pendingInstants(table: TableFacts): Check {
  const about = {
    id: "pending",
    table: table.role,
    title: "Begun and not completed",
    limit: `none older than ${msText(PENDING_LIMIT_MS)}`,
    why: "A pending action holds back archiving and cleaning, and readers of other engines may stop before it.",
    cure: table.isOurs
      ? "Weir finishes or rolls back what it began when it starts. One of another job is rolled back by that job, or by hand: CALL rollback_to_instant or run its writer once."
      : "See whether its writer still runs (heartbeats below). If not, let the job that writes this table run once: it rolls back what it left.",
  };
  if (table.instants.unknown !== undefined) return notKnown(about, table.instants.unknown);
  const pending = table.instants.value.filter(({ state }) => state !== "COMPLETED");
  if (pending.length === 0) return told(about, { state: "ok", number: 0, unit: "count", value: "none" });
  const oldest = Math.max(0, table.now - Math.min(...pending.map(({ instant }) => timeOf(instant))));
  return told(about, {
    state: atMost(oldest, PENDING_LIMIT_MS, PENDING_BAD_MS),
    number: pending.length,
    unit: "count",
    value: `${pending.map(({ action, state }) => `${action} ${state.toLowerCase()}`).slice(0, MOST_NAMED).join(", ")}${pending.length > MOST_NAMED ? " …" : ""} · the oldest for ${msText(oldest)}`, // prettier-ignore
    instants: pending.slice(0, MOST_NAMED).map(({ instant }) => instant),
  });
}

/** Rollbacks and restores that are on the timeline. */
export function failedCommits(table: TableFacts): Check {
  const about = {
    id: "failed",
    table: table.role,
    title: "Failed and rolled back",
    limit: "none on the timeline",
    why: "Each one is work that was done in vain, and a reader that follows may have to start again.",
    cure: table.isOurs
      ? "Weir undoes its own failed commits without an instant (its log tells of them), so each of these was made by another engine: look who else writes this table."
      : "Look into the log of the job that writes this table at these instants: out of memory, lost executors, or two writers at once.",
  };
  if (table.instants.unknown !== undefined) return notKnown(about, table.instants.unknown);
  const found = table.instants.value.filter(
    ({ action, state }) => state === "COMPLETED" && (action === "rollback" || action === "restore"),
  );
  const restores = found.filter(({ action }) => action === "restore").length;
  if (found.length === 0) return told(about, { state: "ok", number: 0, unit: "count", value: "none" });
  const newest = found.at(-1)!;
  const ago = msText(Math.max(0, table.now - timeOf(newest.instant)));
  return told(about, {
    state: restores > 0 || found.length > MOST_NAMED ? "bad" : "watch",
    number: found.length,
    unit: "count",
    value: `${countOf(found.length - restores, "rollback")}${restores > 0 ? `, ${countOf(restores, "restore")}` : ""} · the newest ${ago} ago`,
    instants: found.slice(-MOST_NAMED).map(({ instant }) => instant),
  });
}
