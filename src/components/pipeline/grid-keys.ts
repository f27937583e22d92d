/**
 * The grid of batches and stages by keyboard and pointer: one stop in the tab order, arrows move, Home and End go to the ends of
 * a row, Enter opens the batch at the stage. The line below the grid says what the chosen cell is.
 */
const GRID = "pgrid";
/** Where the reader was, so that the grid can be written anew under them: the batch by its head, the stage by its row. */
let chosen: { column: string; row: number } | null = null;

const grid = (): HTMLTableElement | null => document.getElementById(GRID) as HTMLTableElement | null;

const cellOf = (target: EventTarget | null): HTMLTableCellElement | null =>
  target instanceof Element ? target.closest<HTMLTableCellElement>(`#${GRID} td, #${GRID} th`) : null;

const stopOf = (cell: HTMLTableCellElement): HTMLElement => cell.querySelector("a") ?? cell;

/** The heads of stages and the corner are no stops. */
const isStop = (cell: HTMLTableCellElement | undefined): cell is HTMLTableCellElement =>
  cell !== undefined && cell.cellIndex > 0;

export function onGridKey(event: KeyboardEvent): void {
  const table = grid();
  const cell = cellOf(event.target);
  if (!table || !isStop(cell ?? undefined) || event.altKey || event.ctrlKey || event.metaKey) return;
  const { cellIndex } = cell!;
  const { rowIndex, cells } = cell!.parentElement as HTMLTableRowElement;
  const at = (row: number, column: number) => table.rows[row]?.cells[column];
  const next = {
    ArrowLeft: () => at(rowIndex, cellIndex - 1),
    ArrowRight: () => at(rowIndex, cellIndex + 1),
    ArrowUp: () => at(rowIndex - 1, cellIndex),
    ArrowDown: () => at(rowIndex + 1, cellIndex),
    Home: () => at(rowIndex, 1),
    End: () => at(rowIndex, cells.length - 1),
    PageUp: () => at(0, cellIndex),
    PageDown: () => at(table.rows.length - 1, cellIndex),
  }[event.key];
  if (next) {
    const cellThere = next();
    if (isStop(cellThere)) choose(table, cellThere);
  } else if (event.key === "Enter" && event.target === cell) open(cell!);
}

/** A click on a cell that is no link opens its batch, as a link would. */
export function onGridClick(event: Event): void {
  const cell = cellOf(event.target);
  if (isStop(cell ?? undefined) && !(event.target as Element).closest("a")) open(cell!);
}

/** Says what the cell below the pointer or the focus is. */
export function onGridOver(event: Event): void {
  const said = document.getElementById("pgrid-said");
  const cell = cellOf(event.target);
  if (!said || !isStop(cell ?? undefined)) return;
  said.dataset["before"] ??= said.textContent;
  said.textContent = sayOf(cell!);
}

function sayOf(cell: HTMLTableCellElement): string {
  const label = stopOf(cell).getAttribute("aria-label") ?? "";
  const row = cell.parentElement as HTMLTableRowElement;
  if (row.rowIndex === 0) return label;
  const batch = headOf(cell)?.getAttribute("aria-label")?.split(": ")[0] ?? "";
  return `${row.cells[0]!.textContent} in ${batch}: ${label}`;
}

const headOf = (cell: HTMLTableCellElement): HTMLAnchorElement | null =>
  grid()?.rows[0]?.cells[cell.cellIndex]?.querySelector("a") ?? null;

function open(cell: HTMLTableCellElement): void {
  const link = cell.querySelector("a") ?? headOf(cell);
  if (!link) return;
  const anchor = (cell.parentElement as HTMLElement).dataset["anchor"];
  location.assign(link.href.includes("#") || !anchor ? link.href : `${link.href}#${anchor}`);
}

function choose(table: HTMLTableElement, cell: HTMLTableCellElement): void {
  for (const stop of table.querySelectorAll<HTMLElement>('[tabindex="0"]')) stop.tabIndex = -1;
  const stop = stopOf(cell);
  stop.tabIndex = 0;
  stop.focus();
  cell.scrollIntoView({ block: "nearest", inline: "nearest" });
  chosen = { column: headOf(cell)?.id ?? "", row: (cell.parentElement as HTMLTableRowElement).rowIndex };
}

/** After the grid was written anew: the reader is where they were, if that batch is still in it. */
export function restoreGrid(): void {
  const table = grid();
  const hasLost = document.activeElement === null || document.activeElement === document.body;
  if (!table || !chosen || !hasLost) return;
  const column = document.getElementById(chosen.column)?.closest("th")?.cellIndex;
  const cell = column === undefined ? undefined : table.rows[chosen.row]?.cells[column];
  if (isStop(cell)) choose(table, cell);
}
