/**
 * What a table without a log still knows of one key: its row at the newest point tells when it was committed, the point before
 * that commit tells what it was until then, and so on as far as the points reach.
 */
import type { Feed } from "../../model/feed";
import type { Filter } from "../../model/filter";
import type { Instant } from "../../model/instant";
import type { Row } from "../../model/value";
import type { Cut } from "../hudi/cuts";
import type { Version } from "../reader";
import type { AdoptedSource } from "./source";

/** Each is a query. */
const MOST_VERSIONS = 50;

/** @param cuts that can be read, oldest first. @returns oldest first */
export async function adoptedHistory(
  feed: Feed,
  source: AdoptedSource,
  cuts: readonly Cut[],
  key: string,
): Promise<Version[]> {
  const onKey = { field: feed.key, negated: false, values: [key] };
  const filter: Filter = { from: null, to: null, text: null, columns: [onKey] };
  const found: Version[] = [];
  let at = cuts.at(-1);
  while (at !== undefined && found.length < MOST_VERSIONS) {
    const answer = await source.rows(at, { filter, limit: 1, withMeta: true });
    const [values] = answer ?? [];
    if (values === undefined) break;
    const row: Row = values.slice(0, feed.fields.length);
    const instant = values[feed.fields.length] as Instant;
    found.unshift({ instant, row });
    at = cuts.findLast((cut) => cut.instant < instant);
  }
  return found;
}
