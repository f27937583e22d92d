/** Links to the API that give what a page shows, in the forms that other programs take. Pure. */
import type { TableShape } from "../event-table/shape";
import { withParams } from "../shell/page-url";

export interface ExportLink {
  /** `CSV`. */
  label: string;
  format: "csv" | "json" | "ndjson";
  /** The rows that the page shows. */
  shownHref: string;
  /** All that match, up to the bound of a call. */
  allHref: string;
}

const FORMATS = [
  ["CSV", "csv"],
  ["JSON", "json"],
  ["NDJSON", "ndjson"],
] as const;

/**
 * The same of a list whose page answers in these forms itself.
 *
 * @param here path and query of the page
 * @param shown how many lines the page has at most
 * @param most as many as it gives
 */
export const listExportLinks = (here: string, shown: number, most: number): ExportLink[] =>
  FORMATS.map(([label, format]) => ({
    label,
    format,
    shownHref: withParams(here, { format, limit: String(shown) }),
    allHref: withParams(here, { format, limit: String(most) }),
  }));

/** As many rows as one call gives. */
const MOST_ROWS = 1_000_000;

/**
 * @param call path of the `rows` call
 * @param here path and query of the page: what they share is the filter
 * @param of the position that the page is of (null = it follows: the newest then), its columns, and how many rows it shows
 */
export function exportLinks(
  call: string,
  here: string,
  of: { at: string | null; shape: Pick<TableShape, "columns" | "fields">; shown: number },
): ExportLink[] {
  const names = of.shape.columns.map(({ index }) => of.shape.fields[index]!.name);
  return FORMATS.map(([label, format]) => {
    const hrefOf = (limit: number, isAll: boolean): string => {
      const params = new URLSearchParams(here.split("?", 2)[1] ?? "");
      for (const name of ["at", "limit", ...(isAll ? ["after"] : [])]) params.delete(name);
      // A later page carries its position in `after`.
      if (of.at !== null && !params.has("after")) params.set("at", of.at);
      params.set("cols", names.join(","));
      params.set("limit", String(limit));
      params.set("format", format);
      return `${call}?${params.toString()}`;
    };
    return { label, format, shownHref: hrefOf(of.shown, false), allHref: hrefOf(MOST_ROWS, true) };
  });
}
