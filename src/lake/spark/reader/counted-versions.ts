/** Which versions still count at an instant, after rows left for their age (`hudi/drops.ts`): as `duckdb/drop-rule.ts`, for Spark. */
import type { Feed } from "../../../model/feed";
import type { Instant } from "../../../model/instant";
import { decidingDrops, type Drop } from "../../hudi/drops";
import { columnOf } from "../column-sql";
import { sql, type Sql } from "../sql/sql";
import { allOf, timeLiteral, valueCondition } from "./filter-sql";
import { COMMIT_TIME } from "./old-commits";
import { instantLiteral } from "./procedures";

/** The condition, or null when all count. What moved back in time before it left is named by its key. */
export function countedVersions(feed: Feed, drops: readonly Drop[], until: Instant): Sql | null {
  const past = drops.filter(({ instant }) => instant <= until);
  if (past.length === 0) return null;
  const isAfter = ({ instant }: Drop) => sql`${COMMIT_TIME} > ${instantLiteral(instant)}`;
  const time = columnOf(feed, feed.eventTime);
  const named = past.filter(({ moved }) => moved.length > 0);
  return allOf([
    ...decidingDrops(drops, until).map((drop) => sql`(${isAfter(drop)} OR ${time} >= ${timeLiteral(drop.before)})`),
    ...named.map((drop) => {
      const others = { field: feed.key, negated: true, values: drop.moved };
      return sql`(${isAfter(drop)} OR ${valueCondition(feed, { text: null, columns: [others] })!})`;
    }),
  ]);
}
