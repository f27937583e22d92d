/** What can be done with the picked row: copy it, a cell of it, its whole error; show only what is like it, or all but that. */
import { copyText } from "./copy-text";
import { withoutDrawer } from "../drawer/drawer-address";
import { withParams } from "./page-url";
import { chosenRows, pickedCell, pickedRow } from "./row-cursor";
import { say } from "./say";

/** What the table of events says of itself (`event-table/rows.tsx`). */
export interface TableFacts {
  feed: string;
  /** Names of the fields by cell. */
  fields: readonly string[];
  /** Cells by whose value rows can be filtered. */
  filterable: readonly number[];
  /** Cell of the error text; -1 = there is none. */
  error: number;
  /** Cell of the event time. */
  time: number;
  keyField: string;
  /** The time that the page is of; null = the present. */
  at: string | null;
}

const tableFacts = (): TableFacts | null => {
  const text = document.getElementById("rows")?.dataset["facts"];
  return text ? (JSON.parse(text) as TableFacts) : null;
};

const cellsOf = (row: HTMLElement): HTMLElement[] => [...row.querySelectorAll<HTMLElement>(":scope > td, :scope > th")];
const textOf = (element: HTMLElement): string => element.textContent.trim();

/** Chosen rows as lines of cells with tabs between them, which spreadsheets and chats take. */
export function copyRows(): boolean {
  const rows = chosenRows();
  if (rows.length === 0) return false;
  const lines = rows.map((row) => {
    const cells = cellsOf(row);
    return (cells.length > 0 ? cells : [row]).map((cell) => textOf(cell).replaceAll(/\s+/g, " ")).join("\t");
  });
  void copyText(lines.join("\n"), rows.length === 1 ? "the row" : `${rows.length} rows`);
  return true;
}

export function copyCell(): boolean {
  const cell = pickedCell();
  if (cell === null) return pickedRow() !== null && told("Step to a cell with the arrow keys first.");
  void copyText(textOf(cell), "the cell");
  return true;
}

/** A row of events shows the first line of an error: the whole of it is asked for. */
export function copyError(): boolean {
  const row = pickedRow();
  if (row === null) return false;
  const shown = row.querySelector<HTMLElement>("[data-error]");
  if (shown !== null) {
    void copyText(shown.dataset["error"] || textOf(shown), "the error");
    return true;
  }
  const facts = tableFacts();
  const cell = facts === null ? undefined : cellsOf(row)[facts.error];
  if (facts === null || cell === undefined || textOf(cell) === "") return told("This row has no error.");
  void wholeError(facts, row).then((text) => copyText(text ?? textOf(cell), "the error"));
  return true;
}

/** Null when it cannot be had; what the row shows is better than nothing. */
async function wholeError({ feed, fields, error, time, keyField, at }: TableFacts, row: HTMLElement) {
  const { keyOfRowId } = await import("../event-table/row-id");
  const from = Date.parse(textOf(cellsOf(row)[time]!).replace(" ", "T"));
  const query = new URLSearchParams({ [keyField]: keyOfRowId(row.id), from: String(from), to: String(from + 1) });
  if (at !== null) query.set("at", at);
  try {
    const answer = await fetch(`/api/v1/feeds/${encodeURIComponent(feed)}/rows?${query.toString()}`);
    if (!answer.ok) return null;
    const { rows } = (await answer.json()) as { rows: Record<string, unknown>[] };
    const text = rows[0]?.[fields[error]!];
    return typeof text === "string" ? text : null;
  } catch {
    // A broken link: the line of the page's age tells of it by itself.
    return null;
  }
}

/** Only what is like the cell (of a row: its first cell that tells a kind, which is the pipeline), or all but that. */
export function filterLike(negated: boolean): boolean {
  const row = pickedRow();
  const facts = tableFacts();
  if (row === null || facts === null || row.closest("#rows") === null) return false;
  const cells = cellsOf(row);
  const here = pickedCell();
  const index = here === null ? facts.filterable.find((i) => textOf(cells[i]!) !== "") : cells.indexOf(here);
  if (index === undefined || !facts.filterable.includes(index)) return told("Rows cannot be filtered by this cell.");
  const text = textOf(cells[index]!);
  if (text.endsWith("…")) return told("This value is too long to filter by.");
  location.assign(likeHref(location, facts, facts.fields[index]!, text, negated));
  return true;
}

/** The page of the feed with one more filter; what it has already stays, where it is that page. */
export function likeHref(
  here: Pick<Location, "pathname" | "search">,
  { feed }: Pick<TableFacts, "feed">,
  field: string,
  value: string,
  negated: boolean,
): string {
  const path = `/feeds/${encodeURIComponent(feed)}`;
  const search = withoutDrawer(here.pathname + here.search).slice(here.pathname.length);
  const params = new URLSearchParams(search);
  const isFeedPage = here.pathname === path;
  const at = params.get("at");
  const base = isFeedPage ? path + search : withParams(path, { at });
  const name = negated ? `${field}!` : field;
  const known = isFeedPage && negated ? params.getAll(name) : [];
  return withParams(base, { [name]: [...known.filter((one) => one !== value), value] });
}

function told(text: string): boolean {
  say(text);
  return true;
}
