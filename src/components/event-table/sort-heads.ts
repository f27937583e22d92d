/** The heads of a table whose order can be chosen: links, so that the order is in the address. Pure. */
import type { Feed, FieldType } from "~/model/feed";
import { isSortable, sortText, type RowSort } from "~/model/row-sort";
import { withParams } from "../shell/page-url";
import { groupDigits } from "../ui/number-text";
import { labelOf, type Column } from "./shape";

export interface SortHead extends Pick<Column, "label" | "kind"> {
  /** The page in the order that the head leads to; null where its values have none. */
  href: string | null;
  /** What the link does, for those who do not see the arrow. */
  hint: string;
  /** How the rows stand now, if by this column. */
  order: "ascending" | "descending" | null;
}

export interface SortView {
  heads: readonly SortHead[];
  /** `Longest first`: how the rows stand, and among which they were looked for. */
  text: string;
  /** The page in the usual order; null = it has it. */
  usualHref: string | null;
}

export interface SortedAmong {
  /** Rows that were put in order. */
  total: number;
  /** Whether rows that may match lie behind those that were looked at. */
  isPart: boolean;
}

/**
 * @param columns of the table that is shown
 * @param here path and query of the page
 */
export function sortView(
  feed: Feed,
  columns: readonly Column[],
  { here, sort, among }: { here: string; sort: RowSort | null; among: SortedAmong | null },
): SortView {
  const now = sort ?? { field: feed.eventTime, descending: true };
  const heads = columns.map(({ index, label, kind }): SortHead => {
    const { type } = feed.fields[index]!;
    const isNow = index === now.field;
    const to = { field: index, descending: isNow ? !now.descending : startsDescending(type) };
    const isUsual = to.field === feed.eventTime && to.descending;
    const told = `${label}: ${wordsOf(type, to.descending)}`;
    return {
      ...{ label, kind },
      href: isSortable(type) ? withParams(here, { sort: isUsual ? null : sortText(feed, to) }) : null,
      hint: isNow ? `${told}; now ${wordsOf(type, now.descending)}` : told,
      order: isNow ? (now.descending ? "descending" : "ascending") : null,
    };
  });
  if (sort === null) return { heads, text: "Newest first", usualHref: null };
  const words = wordsOf(feed.fields[sort.field]!.type, sort.descending);
  const text = `By ${labelOf(feed, sort.field)}, ${words}${among ? `, ${amongText(among)}` : ""}`;
  return { heads, text, usualHref: withParams(here, { sort: null }) };
}

function amongText({ total, isPart }: SortedAmong): string {
  const count = groupDigits(String(total));
  return isPart ? `among the ${count} that match in the hot window; older events are not looked at` : `of ${count}`;
}

/** What people look for first: the latest and the largest, but names from A on. */
const startsDescending = ({ kind }: FieldType): boolean => !["string", "enum", "boolean"].includes(kind);

function wordsOf({ kind }: FieldType, descending: boolean): string {
  switch (kind) {
    case "timestamp":
    case "date":
      return descending ? "newest first" : "oldest first";
    case "string":
    case "enum":
      return descending ? "Z to A" : "A to Z";
    case "boolean":
      return descending ? "true first" : "false first";
    default:
      return descending ? "largest first" : "smallest first";
  }
}
