/** All versions of one key, as far as the log (without one: the state) has them. */
import type { Instant } from "../../model/instant";
import type { Version } from "../reader";
import { literal } from "./column-types";
import { columnOf } from "./filter-sql";
import { byArrival, orderExpression } from "./log-fold";
import type { ReaderParts } from "./reader-parts";
import { replanned } from "./replanned";
import { fetchRows, textColumn } from "./rows";

/** Expected versions of an event. */
const FEW = 1_000;

export function keyHistory(parts: ReaderParts, key: string): Promise<Version[]> {
  return replanned(parts, async () => {
    const head = parts.commits.head();
    if (head === null) return [];
    const table = parts.versions ?? parts.main;
    const slices = [...table.slices()].sort(byArrival);
    if (slices.length === 0) return [];
    const feed = parts.feed;
    const rows = await parts.engine.read(async (connection) => {
      const source = await parts.scanner.source(connection, slices);
      const inner = `SELECT * FROM ${source} WHERE ${columnOf(feed, feed.key)} = ${literal(key)} AND _hoodie_commit_time <= ${literal(head.instant)}`;
      const columns = [textColumn("_hoodie_commit_time"), ...parts.columns];
      return fetchRows(connection, inner, columns, orderExpression(feed), FEW);
    });
    return rows.map(([instant, ...row]) => ({ instant: instant as Instant, row }));
  });
}
