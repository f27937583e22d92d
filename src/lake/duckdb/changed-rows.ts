/** What changed between two instants, from the slices of the state at its end while they are kept, else from the log. */
import type { Instant } from "../../model/instant";
import type { WireValue } from "../../model/value";
import { lastCommit } from "./commit-index";
import type { ReaderParts } from "./reader-parts";
import { replanned } from "./replanned";
import { fetchRows } from "./rows";
import type { SnapshotPlanner } from "./snapshot-plan";
import { logChangesQuery, rowOrder, stateChangesQuery } from "./snapshot-sql";

/** Expected of what people do in the time between two looks. */
const FEW = 1_000;

/** The state rows at `until` that changed after `since`. Null: gone. At most `limit` rows, any of them when there are more. */
export function changedRows(
  parts: ReaderParts,
  planner: SnapshotPlanner,
  since: Instant,
  until: Instant,
  limit: number,
): Promise<WireValue[][] | null> {
  return replanned(parts, async () => {
    const state = planner.stateSlices(until)?.filter((slice) => lastCommit(slice) > since);
    if (state === undefined && parts.versions === null) return null;
    if (state?.length === 0) return [];
    const all = state ?? planner.logSlices(until);
    const changed = all.filter((slice) => lastCommit(slice) > since);
    return parts.engine.read(async (connection) => {
      const source = await parts.scanner.source(connection, all);
      const sql =
        state !== undefined
          ? stateChangesQuery(source, since)
          : logChangesQuery(parts.feed, await parts.scanner.source(connection, changed), source, since, until);
      const bounded = `SELECT * FROM (${sql}) LIMIT ${BigInt(limit)}`;
      return fetchRows(connection, bounded, parts.columns, rowOrder(parts.feed), FEW);
    });
  });
}
