/**
 * Keeps the server's table markup equal to the view while deltas arrive. It owns the DOM below its root, and no framework
 * state. What a row is can be read back from the markup (its key from the row id, its event time from the time cell, what it
 * is sorted by from `data-by`), so places are found by binary search in the document itself. Of the rows that it wrote itself it
 * keeps the values: the next version of such a row costs no more than the cells that differ. Of the others it may read the texts
 * while nothing else is to be done (`readAhead`), which is most of what the first change of a row costs.
 */
import type { Row } from "~/model/value";
import { toneOf } from "../ui/tone";
import { cellOf, type Cell } from "./cell";
import { keyOfRowId, rowId } from "./row-id";
import { comparePlaces, firstAfter, markedValue, placeMark, placeOrder, rowPlace, type Place } from "./place";
import type { Column, TableShape } from "./shape";

/** A table is split when it holds more rows than this. */
const MAX_CHUNK_ROWS = 100;

export interface PatchLimits {
  /** At most this many rows are kept; the last ones go. */
  limit: number;
  /** Whether the markup reaches the end of what matches. If not, rows that stand behind its last one are not shown. */
  complete: boolean;
}

export interface EventTable {
  /** Rows to write at their place (null = the row has left), by key. */
  apply(changes: ReadonlyMap<string, Row | null>): void;
  /** Writes cells of rows that stay where they are; answers with the changes that would move something. */
  applyInPlace(changes: ReadonlyMap<string, Row | null>): Map<string, Row | null>;
  /**
   * Writes rows as previews, marked as such; rows that are not there come in at their place unless `isHeld`. The next change of
   * such a row that `apply` brings is written over it.
   */
  preview(rows: ReadonlyMap<string, Row>, isHeld: boolean): void;
  /** Takes previews back: what was there before is there again. @param keys null = all */
  withdraw(keys: readonly string[] | null): void;
  /** Removes rows that are older than a place. */
  trimOlder(place: Place): void;
  /** Rows in the document. */
  count(): number;
  /** Whether rows that match may exist beyond the last one shown. */
  isComplete(): boolean;
  /** Adds rows that were fetched to fill the table up; `complete` = nothing stands behind them. */
  refill(rows: readonly Row[], complete: boolean): void;
  /** The last row, null when empty. */
  last(): Place | null;
  /** Reads rows of which nothing is known but the markup, for as long as there is time; false when there are no more. */
  readAhead(hasTime: () => boolean): boolean;
}

/** A row that was written here, as it stands in the document. */
interface Written {
  tr: HTMLTableRowElement;
  row: Row;
}

/** A row that only the server has written. */
interface Read {
  tr: HTMLTableRowElement;
  /** Per column what tells whether its cell is as it should be (`readCells`). */
  told: readonly (string | null)[];
}

/** What stood where a preview stands now; null when there was no row. */
type Covered = { tr: HTMLTableRowElement; row: Row | null } | null;

const PREVIEW_TITLE = "Accepted, and not committed yet";

export function createEventTable(root: HTMLElement, shape: TableShape, limits: PatchLimits): EventTable {
  const timeColumn = shape.columns.findIndex(({ index }) => index === shape.eventTime);
  let complete = limits.complete;
  let total = root.querySelectorAll("tbody > tr").length;
  let template: HTMLTableRowElement | null = null;
  const written = new Map<string, Written>();
  const read = new Map<string, Read>();
  /** Rows that are to be read, and how many of them were. */
  let [unread, readUntil]: [HTMLTableRowElement[] | null, number] = [null, 0];
  const covered = new Map<string, Covered>();
  const { sort } = shape;
  const order = placeOrder(shape);
  /** In a table that is sorted: no row is older; null = not known. */
  let oldest: Place | null = null;

  const bodies = () => [...root.querySelectorAll<HTMLTableSectionElement>("tbody")];
  const timeOf = (tr: HTMLTableRowElement): number => Date.parse(cellAt(tr, timeColumn).textContent!.replace(" ", "T"));
  const agePlace = (tr: HTMLTableRowElement): Place => ({ time: timeOf(tr), key: keyOfRowId(tr.id) });
  const placeOf = (tr: HTMLTableRowElement): Place =>
    sort === undefined ? agePlace(tr) : { ...agePlace(tr), value: markedValue(shape, tr.dataset["by"]) };
  const find = (key: string) =>
    written.get(key)?.tr ?? read.get(key)?.tr ?? (document.getElementById(rowId(key)) as HTMLTableRowElement | null);
  const isSorted = (tr: HTMLTableRowElement, row: Row): boolean =>
    sort === undefined || (tr.dataset["by"] ?? null) === placeMark(shape, row);
  const staysInPlace = (tr: HTMLTableRowElement, key: string, row: Row): boolean =>
    isSorted(tr, row) && keepsTime(tr, key, row);
  const keepsTime = (tr: HTMLTableRowElement, key: string, row: Row): boolean => {
    const before = written.get(key);
    if (before !== undefined) return before.row[shape.eventTime] === row[shape.eventTime];
    // Equal times have equal texts, and those need not be parsed.
    const time = read.get(key)?.told[timeColumn] ?? cellAt(tr, timeColumn).textContent;
    return time === cellOf(shape, shape.columns[timeColumn]!, row).text;
  };
  const fill = (tr: HTMLTableRowElement, key: string, row: Row) => {
    const before = written.get(key);
    if (before !== undefined) {
      fillChanged(tr, shape, row, before.row);
      before.row = row;
      return;
    }
    fillCells(tr, shape, row, read.get(key)?.told ?? null);
    read.delete(key);
    written.set(key, { tr, row });
  };
  const create = (row: Row): HTMLTableRowElement => {
    template ??= emptyRow(shape);
    const tr = template.cloneNode(true) as HTMLTableRowElement;
    const key = row[shape.key] as string;
    tr.id = rowId(key);
    const mark = placeMark(shape, row);
    if (mark !== null) tr.dataset["by"] = mark;
    fill(tr, key, row);
    return tr;
  };
  const remove = (tr: HTMLTableRowElement) => {
    const body = tr.parentElement as HTMLTableSectionElement;
    tr.remove();
    const key = keyOfRowId(tr.id);
    for (const known of [written, read, covered]) known.delete(key);
    total--;
    if (body.rows.length === 0 && root.childElementCount > 1) body.closest(".cv")?.remove();
  };
  const insert = (row: Row) => {
    const place = rowPlace(shape, row);
    const all = bodies();
    const chunk = Math.min(
      firstAfter(all.length, (i) => lastPlace(all[i]!), place, order),
      all.length - 1,
    );
    const body = all[chunk]!;
    const at = firstAfter(body.rows.length, (i) => placeOf(body.rows[i]!), place, order);
    if (!complete && chunk === all.length - 1 && at === body.rows.length) return;
    body.insertBefore(create(row), body.rows[at] ?? null);
    if (oldest !== null && comparePlaces(place, oldest) > 0) oldest = place;
    total++;
    if (body.rows.length > MAX_CHUNK_ROWS) split(body);
  };
  const lastPlace = (body: HTMLTableSectionElement): Place | null => {
    const last = body.rows[body.rows.length - 1];
    return last ? placeOf(last) : null;
  };
  const trimToLimit = () => {
    while (total > limits.limit) {
      const all = bodies();
      const body = all[all.length - 1]!;
      const surplus = Math.min(total - limits.limit, body.rows.length);
      for (let i = 0; i < surplus; i++) remove(body.rows[body.rows.length - 1]!);
      complete = false;
    }
  };

  const cover = (key: string, tr: HTMLTableRowElement) => {
    if (covered.has(key)) return;
    covered.set(key, { tr: tr.cloneNode(true) as HTMLTableRowElement, row: written.get(key)?.row ?? null });
  };
  const mark = (tr: HTMLTableRowElement) => {
    tr.classList.add("preview");
    tr.title = PREVIEW_TITLE;
  };
  const uncover = (key: string, before: Covered) => {
    const tr = find(key);
    if (tr === null) return;
    if (before === null) return remove(tr);
    tr.replaceWith(before.tr);
    if (before.row === null) written.delete(key);
    else written.set(key, { tr: before.tr, row: before.row });
  };
  /** What was a preview has been committed, or is about to be replaced. */
  const settle = (key: string) => {
    if (!covered.delete(key)) return;
    const tr = find(key);
    tr?.classList.remove("preview");
    if (tr?.classList.length === 0) tr.removeAttribute("class");
    tr?.removeAttribute("title");
  };

  /** Old rows stand anywhere: all of them are looked at, but only when one of them is too old. */
  const trimAnywhere = (place: Place) => {
    if (oldest !== null && comparePlaces(oldest, place) <= 0) return;
    oldest = null;
    for (const tr of root.querySelectorAll<HTMLTableRowElement>("tbody > tr")) {
      const own = agePlace(tr);
      if (comparePlaces(own, place) > 0) remove(tr);
      else if (oldest === null || comparePlaces(own, oldest) > 0) oldest = own;
    }
  };

  return {
    preview(rows, isHeld) {
      for (const [key, row] of rows) {
        const tr = find(key);
        if (tr !== null && staysInPlace(tr, key, row)) {
          cover(key, tr);
          fill(tr, key, row);
          mark(tr);
        } else if (tr === null && !isHeld) {
          insert(row);
          const inserted = find(key);
          if (inserted === null) continue;
          covered.set(key, null);
          mark(inserted);
        }
      }
      trimToLimit();
    },
    withdraw(keys) {
      for (const key of keys ?? [...covered.keys()]) {
        const before = covered.get(key);
        if (before === undefined) continue;
        covered.delete(key);
        uncover(key, before);
      }
    },
    apply(changes) {
      const arrivals: Row[] = [];
      for (const [key, row] of changes) {
        settle(key);
        const tr = find(key);
        if (tr === null) {
          if (row !== null) arrivals.push(row);
        } else if (row === null) remove(tr);
        else if (staysInPlace(tr, key, row)) fill(tr, key, row);
        else {
          remove(tr);
          arrivals.push(row);
        }
      }
      for (const row of arrivals) insert(row);
      trimToLimit();
    },
    applyInPlace(changes) {
      const left = new Map<string, Row | null>();
      for (const [key, row] of changes) {
        settle(key);
        const tr = find(key);
        if (tr !== null && row !== null && staysInPlace(tr, key, row)) {
          fill(tr, key, row);
          tr.classList.remove("left");
        } else if (tr !== null && row !== null && keepsTime(tr, key, row)) {
          // It says what it is now, and moves to where that belongs when rows may move.
          fill(tr, key, row);
          left.set(key, row);
        } else if (tr !== null || row !== null) {
          tr?.classList.add("left");
          left.set(key, row);
        }
      }
      return left;
    },
    trimOlder(place) {
      if (sort !== undefined) return trimAnywhere(place);
      for (;;) {
        const last = root.lastElementChild?.querySelector("tbody")?.lastElementChild as HTMLTableRowElement | null;
        if (!last || comparePlaces(placeOf(last), place) <= 0) return;
        remove(last);
      }
    },
    count: () => total,
    isComplete: () => complete,
    refill(rows, nowComplete) {
      complete = true;
      for (const row of rows) if (find(row[shape.key] as string) === null) insert(row);
      complete = nowComplete;
      trimToLimit();
    },
    last() {
      const all = bodies();
      return all.length === 0 ? null : lastPlace(all[all.length - 1]!);
    },
    readAhead(hasTime) {
      unread ??= [...root.querySelectorAll<HTMLTableRowElement>("tbody > tr")];
      while (readUntil < unread.length && hasTime()) {
        const tr = unread[readUntil++]!;
        const key = keyOfRowId(tr.id);
        if (tr.isConnected && !written.has(key)) read.set(key, { tr, told: readCells(tr, shape) });
      }
      if (readUntil < unread.length) return true;
      [unread, readUntil] = [[], 0];
      return false;
    },
  };
}

function split(body: HTMLTableSectionElement): void {
  const block = body.closest(".cv")!;
  const twin = block.cloneNode(false) as HTMLElement;
  const table = body.parentElement!.cloneNode(false) as HTMLElement;
  const head = body.parentElement!.querySelector("thead");
  const rest = document.createElement("tbody");
  rest.append(...[...body.rows].slice(MAX_CHUNK_ROWS / 2));
  if (head) table.append(head.cloneNode(true));
  table.append(rest);
  twin.append(table);
  block.after(twin);
}

function emptyRow({ columns }: TableShape): HTMLTableRowElement {
  const tr = document.createElement("tr");
  for (const { kind } of columns) {
    const cell = tr.insertCell();
    if (kind === "status") cell.className = toneClass("");
  }
  return tr;
}

/**
 * From neighbour to neighbour: `tr.cells` makes a collection for each row that is looked at, and of a thousand rows these are
 * most of the work.
 */
function cellAt(tr: HTMLTableRowElement, index: number): Element {
  let cell = tr.firstElementChild!;
  for (let i = 0; i < index; i++) cell = cell.nextElementSibling!;
  return cell;
}

/** @param before what the row was written with */
function fillChanged(tr: HTMLTableRowElement, shape: TableShape, row: Row, before: Row): void {
  let cell = tr.firstElementChild;
  for (const column of shape.columns) {
    if (before[column.index] !== row[column.index]) {
      const shown = cellOf(shape, column, row);
      if (told(shown) !== told(cellOf(shape, column, before))) writeCell(cell!, column, shown);
    }
    cell = cell!.nextElementSibling;
  }
}

/** @param read what `readCells` has read, null when only the markup tells */
function fillCells(tr: HTMLTableRowElement, shape: TableShape, row: Row, read: Read["told"] | null): void {
  const { columns } = shape;
  let cell = tr.firstElementChild;
  // By index: of a row that is written for the first time this runs before it is compiled.
  for (let i = 0; i < columns.length; i++) {
    const column = columns[i]!;
    const shown = cellOf(shape, column, row);
    const before = read === null ? null : read[i]!;
    if (before === null) fillCell(cell!, column, shown);
    else if (before !== told(shown)) writeCell(cell!, column, shown);
    cell = cell!.nextElementSibling;
  }
}

const told = ({ text, href }: Cell): string => href ?? text;

/**
 * What tells whether a cell is as it should be: the address of its link, which holds the whole value, or its text. Null where
 * neither does: it is looked at when it is filled.
 */
function readCells(tr: HTMLTableRowElement, { columns }: TableShape): Read["told"] {
  const read: (string | null)[] = [];
  let cell = tr.firstElementChild;
  for (const { kind } of columns) {
    const link = kind === "batch" ? cell!.firstElementChild : null;
    read.push(link !== null ? link.getAttribute("href") : kind === "batch" ? null : cell!.textContent);
    cell = cell!.nextElementSibling;
  }
  return read;
}

/** Most cells of a changed row are as before: they are recognised without a look at what is inside them, if that can be. */
function fillCell(cell: Element, column: Column, shown: Cell): void {
  const { text, href } = shown;
  const isSame = cell.textContent === text && (column.kind !== "batch" || cell.firstElementChild === null);
  if (href !== null || !isSame) writeCell(cell, column, shown);
}

/** For a cell that shows something else. */
function writeCell(cell: Element, column: Column, { text, href }: Cell): void {
  if (href !== null) return setLink(cell, text, href);
  if (column.kind === "time" && text !== "") setText(childOf(cell, "time"), text);
  else setText(cell, text);
  if (column.kind === "status") cell.className = toneClass(text);
}

const toneClass = (status: string): string => (status === "" ? "none" : toneOf(status));

/** Keeps the node of a text that is there. */
function setText(element: Element, text: string): void {
  const node = element.firstChild;
  if (node instanceof Text && node.nextSibling === null) node.data = text;
  else element.textContent = text;
}

function childOf(cell: Element, tag: "a" | "time"): Element {
  const child = cell.firstElementChild;
  if (child?.localName === tag) return child;
  const made = document.createElement(tag);
  cell.replaceChildren(made);
  return made;
}

/** The address holds the whole value: where it is the same, the text is. */
function setLink(cell: Element, text: string, href: string): void {
  const link = childOf(cell, "a");
  if (link.getAttribute("href") === href) return;
  link.setAttribute("href", href);
  setText(link, text);
}
