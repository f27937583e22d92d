/** Which versions still count at an instant, after rows left for their age (`hudi/drops.ts`). */
import type { Feed } from "../../model/feed";
import type { Instant } from "../../model/instant";
import { decidingDrops, type Drop } from "../hudi/drops";
import { literal } from "./column-types";
import { columnOf, timestampLiteral } from "./filter-sql";

/** SQL of the condition, or null when all versions count. What moved back in time before it left has to be named by its key. */
export function countedVersions(feed: Feed, drops: readonly Drop[], until: Instant): string | null {
  const past = drops.filter(({ instant }) => instant <= until);
  if (past.length === 0) return null;
  const time = columnOf(feed, feed.eventTime);
  const conditions = decidingDrops(drops, until).map(
    ({ instant, before }) => `(_hoodie_commit_time > ${literal(instant)} OR ${time} >= ${timestampLiteral(before)})`,
  );
  for (const { instant, moved } of past) {
    if (moved.length === 0) continue;
    const keys = moved.map(literal).join(", ");
    conditions.push(`(_hoodie_commit_time > ${literal(instant)} OR ${columnOf(feed, feed.key)} NOT IN (${keys}))`);
  }
  return conditions.join(" AND ");
}

/** Both conditions, where there are any. */
export function both(a: string | null, b: string | null): string | null {
  if (a === null || b === null) return a ?? b;
  return `${a} AND ${b}`;
}
