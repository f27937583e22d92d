/** What changed between two instants, from the slices of the state at its end while they are kept, else from the log. */
import type { DuckDBConnection } from "@duckdb/node-api";
import { EVERYTHING } from "../../model/filter";
import type { Instant } from "../../model/instant";
import type { WireValue } from "../../model/value";
import { lastCommit } from "./commit-index";
import { columnOf } from "./filter-sql";
import { foldQuery } from "./log-fold";
import type { ReaderParts } from "./reader-parts";
import { replanned } from "./replanned";
import { fetchRows } from "./rows";
import type { Plan, SnapshotPlanner } from "./snapshot-plan";
import { logChangesQuery, rowOrder, stateChangesQuery } from "./snapshot-sql";

/** Expected of the commits that are followed one by one, and of an hour of them; only a matter of speed. */
const [FEW, MANY] = [1_000, 10_000];
const FOLLOWED_AT_ONCE = 3;

/** The state rows at `until` that changed after `since`. Null: gone. At most `limit` rows, any of them when there are more. */
export function changedRows(
  parts: ReaderParts,
  planner: SnapshotPlanner,
  since: Instant,
  until: Instant,
  limit: number,
): Promise<WireValue[][] | null> {
  return replanned(parts, async () => {
    const expected = isFollowed(parts, since, until) ? FEW : MANY;
    const fetch = (connection: DuckDBConnection, sql: string) =>
      fetchRows(
        connection,
        `SELECT * FROM (${sql}) LIMIT ${BigInt(limit)}`,
        parts.columns,
        rowOrder(parts.feed),
        expected,
      );
    const sinceState = parts.commits.stateInstant(since);
    const state = planner.stateSlices(until)?.filter((slice) => lastCommit(slice) > sinceState);
    if (state?.length === 0) return [];
    if (state !== undefined) {
      return parts.engine.read(async (connection) =>
        fetch(connection, stateChangesQuery(await parts.scanner.source(connection, state), sinceState)),
      );
    }
    const changed =
      parts.versions === null ? [] : planner.logSlices(until).filter((slice) => lastCommit(slice) > since);
    // What changed may have lost to a version that left the log: the plan knows where those are. A pin is a part only.
    const plan = await planner.plan(until, EVERYTHING);
    if (plan === null || plan.from === "pin") return null;
    if (plan.from !== "log" || changed.length === 0) return [];
    return parts.engine.read(async (connection) => {
      const source = await parts.scanner.source(connection, plan.slices);
      const newer = await parts.scanner.source(connection, changed);
      return fetch(connection, logChangesQuery(parts.feed, newer, source, { since, until, versions: plan.versions }));
    });
  });
}

/** Whether only a few commits lie between the two, of those that the timeline still has. */
function isFollowed({ commits }: ReaderParts, since: Instant, until: Instant): boolean {
  const recent = commits.recent();
  const from = recent.findLastIndex(({ instant }) => instant <= since);
  const next = recent[from + FOLLOWED_AT_ONCE + 1];
  return from >= 0 && (next === undefined || next.instant > until);
}

/** Keys that had a row at `since` and have none at `until`: rows leave by drops alone. Null: gone. At most `limit`. */
export function keysThatLeft(
  parts: ReaderParts,
  planner: SnapshotPlanner,
  since: Instant | "0",
  until: Instant | "0",
  limit: number,
): Promise<string[] | null> {
  const isAcross = parts.main.drops.some(({ instant }) => instant > since && instant <= until);
  if (since === "0" || !isAcross) return Promise.resolve([]);
  return replanned(parts, async () => {
    const [before, after] = [await planner.plan(since, EVERYTHING), await planner.plan(until, EVERYTHING)];
    if (before === null || after === null || before.from === "pin" || after.from === "pin") return null;
    if (before.from === "nothing") return [];
    return parts.engine.read(async (connection) => {
      const earlier = await keysOf(parts, connection, before);
      const sql =
        after.from === "nothing" ? earlier : `(${earlier}) EXCEPT (${await keysOf(parts, connection, after)})`;
      const found = await connection.run(`SELECT _key FROM (${sql}) ORDER BY _key LIMIT ${BigInt(limit)}`);
      return (await found.getRowsJS()).map(([key]) => key as string);
    });
  });
}

/** SQL of the keys that have a row. */
async function keysOf(
  { feed, scanner }: ReaderParts,
  connection: DuckDBConnection,
  plan: Exclude<Plan, { from: "nothing" }>,
): Promise<string> {
  const source = await scanner.source(connection, plan.slices);
  if (plan.from !== "log") return `SELECT ${columnOf(feed, feed.key)} AS _key FROM ${source}`;
  return `SELECT _key FROM (${foldQuery(feed, { source, until: plan.instant, versions: plan.versions })})`;
}
