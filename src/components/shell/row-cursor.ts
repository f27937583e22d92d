/**
 * The row that a reader is at. Rows are those of the table of events and whatever carries `data-row`, in the order of the
 * document; the mark is a class of the row (`picked`), also written by clicks (`event-table/pick.ts`).
 */
const ROWS = "[data-row], #rows tbody > tr";
const EVENT_ROW = "#rows tbody > tr";

export const pickedRow = (): HTMLElement | null => document.querySelector<HTMLElement>(".picked");

const isShown = (row: HTMLElement): boolean => row.closest("[hidden], details:not([open])") === null;

/** To the next row or the one before, with the focus. @returns whether there is a row */
export function moveRow(by: 1 | -1): boolean {
  const rows = [...document.querySelectorAll<HTMLElement>(ROWS)].filter(isShown);
  if (rows.length === 0) return false;
  const old = pickedRow();
  const at = old === null ? (by === 1 ? 0 : rows.length - 1) : rows.indexOf(old) + by;
  pick(rows[Math.min(Math.max(at, 0), rows.length - 1)]!);
  return true;
}

function pick(row: HTMLElement): void {
  letGo();
  row.classList.add("picked");
  const link = row.querySelector<HTMLElement>("a");
  const target = link ?? row;
  if (target === row) row.tabIndex = -1;
  target.focus({ preventScroll: true });
  row.scrollIntoView({ block: "nearest" });
}

export function letGo(): void {
  pickedCell()?.classList.remove("here");
  pickedRow()?.classList.remove("picked");
}

/** The cell of the picked row that was stepped to; null = none, the row as a whole. */
export const pickedCell = (): HTMLTableCellElement | null =>
  document.querySelector<HTMLTableCellElement>(".picked > td.here");

/** To a cell beside, within the picked row of events. @returns whether there is one */
export function moveCell(by: 1 | -1): boolean {
  const row = pickedRow();
  if (row === null || !row.matches(EVENT_ROW)) return false;
  const cells = [...(row as HTMLTableRowElement).cells];
  const old = pickedCell();
  const at = old === null ? (by === 1 ? 0 : cells.length - 1) : cells.indexOf(old) + by;
  old?.classList.remove("here");
  const cell = cells[Math.min(Math.max(at, 0), cells.length - 1)]!;
  cell.classList.add("here");
  cell.scrollIntoView({ block: "nearest", inline: "nearest" });
  return true;
}

/** Takes the picked row into the choice, or out of it. @returns whether a row is picked */
export function chooseRow(): boolean {
  const row = pickedRow();
  row?.classList.toggle("chosen");
  return row !== null;
}

/** The chosen rows; the picked one when none is. */
export function chosenRows(): HTMLElement[] {
  const chosen = [...document.querySelectorAll<HTMLElement>(".chosen")];
  const picked = pickedRow();
  return chosen.length > 0 || picked === null ? chosen : [picked];
}

/** The first link of the picked row. */
export const pickedLink = (): HTMLAnchorElement | null =>
  pickedRow()?.querySelector<HTMLAnchorElement>("a[href]") ?? null;

/** @returns whether there was something to open */
export function openRow(): boolean {
  const link = pickedLink();
  if (link !== null) location.assign(link.href);
  return link !== null;
}
