/**
 * The rows of a page as markup. Text by text through the framework, five thousand rows were 60,000 small writes and 300 ms of
 * garbage collection for each page; as one string per block they are a few milliseconds. Everything that is not a constant of
 * this file passes through `escaped`; ids and classes are made of safe letters by construction (invariant 8).
 *
 * End tags of cells and rows are left out, as HTML allows: they would be a sixth of the page.
 */
import type { Row } from "~/model/value";
import { toneOf } from "../ui/tone";
import { cellOf } from "./cell";
import { placeMark } from "./place";
import { rowId } from "./row-id";
import type { Column, TableShape } from "./shape";

export const CHUNK_ROWS = 50;

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** Text for an element's content or a quoted attribute. */
export const escaped = (text: string): string =>
  /[&<>"']/.test(text) ? text.replace(/[&<>"']/g, (char) => ENTITIES[char]!) : text;

/** The blocks of a table; one empty block when there are no rows, for the browser to insert into. */
export function* rowBlocks(shape: TableShape, rows: readonly Row[]): Generator<string, void> {
  const head = headMarkup(shape);
  for (let i = 0; i < Math.max(1, rows.length); i += CHUNK_ROWS) {
    yield blockMarkup(shape, head, rows.slice(i, i + CHUNK_ROWS));
  }
}

function blockMarkup(shape: TableShape, head: string, rows: readonly Row[]): string {
  const part = rows.length === CHUNK_ROWS ? "cv" : "cv part";
  let body = "";
  for (const row of rows) body += rowMarkup(shape, row);
  return `<div class="${part}"><table><thead class="quiet">${head}</thead><tbody>${body}</tbody></table></div>`;
}

function headMarkup({ columns, sort }: TableShape): string {
  const order = (index: number) =>
    index === sort?.field ? ` aria-sort="${sort.descending ? "descending" : "ascending"}"` : "";
  const cells = columns.map(
    ({ index, label, kind }) => `<th scope="col" class="k-${kind}"${order(index)}>${escaped(label)}`,
  );
  return `<tr>${cells.join("")}`;
}

function rowMarkup(shape: TableShape, row: Row): string {
  const mark = placeMark(shape, row);
  let cells = `<tr id="${rowId(row[shape.key] as string)}"${mark === null ? "" : ` data-by="${mark}"`}>`;
  for (const column of shape.columns) cells += cellMarkup(shape, column, row);
  return cells;
}

function cellMarkup(shape: TableShape, column: Column, row: Row): string {
  const { text, href } = cellOf(shape, column, row);
  if (text === "") return column.kind === "status" ? `<td class="none">` : "<td>";
  switch (column.kind) {
    case "status":
      return `<td class="${toneOf(text)}">${escaped(text)}`;
    case "time":
      return `<td><time>${escaped(text)}</time>`;
    case "batch":
      return href === null ? `<td>${escaped(text)}` : `<td><a href="${escaped(href)}">${escaped(text)}</a>`;
    default:
      return `<td>${escaped(text)}`;
  }
}
