/** A pin is a copy of the newest rows of an instant. */
import { AppError } from "../../model/app-error";
import { EVERYTHING } from "../../model/filter";
import type { Instant } from "../../model/instant";
import { literal, META_COLUMNS } from "./column-types";
import { columnOf } from "./filter-sql";
import type { ReaderParts } from "./reader-parts";
import type { SnapshotPlanner } from "./snapshot-plan";
import { planQuery } from "./snapshot-rows";
import { rowOrder } from "./snapshot-sql";

/** Writes the newest rows of an instant, with Hudi's columns, to one Parquet file. Null: gone. */
export async function copySnapshot(
  parts: ReaderParts,
  planner: SnapshotPlanner,
  instant: Instant,
  limit: number,
  target: string,
) {
  const plan = await planner.plan(instant, EVERYTHING);
  if (plan === null) return null;
  if (plan.from === "nothing") throw new AppError("not-found", `There are no events at ${instant} to keep.`);
  return parts.engine.read(async (connection) => {
    const sql = planQuery(parts.feed, plan, await parts.scanner.source(connection, plan.slices), {
      filter: EVERYTHING,
      limit: limit + 1,
    });
    const columns = [...META_COLUMNS, ...parts.feed.fields.map((_, i) => columnOf(parts.feed, i))].join(", ");
    const copied = `COPY (SELECT ${columns} FROM (${sql}) ORDER BY ${rowOrder(parts.feed)} LIMIT ${limit}) TO ${literal(target)} (FORMAT parquet, COMPRESSION zstd)`;
    const [[rows]] = (await (await connection.run(copied)).getRowsJS()) as unknown as [[bigint]];
    if (Number(rows) < limit) return { rows: Number(rows), floor: null };
    const time = columnOf(parts.feed, parts.feed.eventTime);
    const oldest = `SELECT epoch_ms(min(${time})) FROM read_parquet(${literal(target)})`;
    const [[floor]] = (await (await connection.run(oldest)).getRowsJS()) as unknown as [[bigint]];
    return { rows: Number(rows), floor: Number(floor) };
  });
}
