/**
 * Keeps one copy of each repeated string of the rows in memory (pipeline names, correlation ids, error messages). A decoded
 * batch brings a new copy of every one; over 100,000 rows that is most of the memory.
 */
import type { Feed } from "../model/feed";
import type { Row } from "../model/value";

const LONGEST = 512;

/** @param limit strings remembered per generation; twice as many are held at most */
export function rowInterner(feed: Feed, limit = 20_000): (row: Row) => Row {
  const columns = feed.fields.flatMap(({ type }, i) =>
    i !== feed.key && (type.kind === "string" || type.kind === "enum") ? [i] : [],
  );
  let young = new Map<string, string>();
  let old = new Map<string, string>();
  const one = (text: string): string => {
    const known = young.get(text);
    if (known !== undefined) return known;
    const kept = old.get(text) ?? text;
    if (young.size >= limit) [young, old] = [new Map(), young];
    young.set(kept, kept);
    return kept;
  };
  return (row) => {
    const copy = row.slice();
    for (const column of columns) {
      const value = copy[column];
      if (typeof value === "string" && value.length <= LONGEST) copy[column] = one(value);
    }
    return copy;
  };
}
