/**
 * A list of rows that follows a view: rows change in place, and enter, leave or move only when nobody is looking at the list.
 * While it is held, what would move waits and is counted. It owns the DOM of one table body, and no framework state.
 */
import { morph } from "./morph";

export interface ListRow {
  /** The element's id. */
  id: string;
  /** The whole row as markup. */
  markup: string;
}

export interface ListOptions {
  /** Whether rows must stay where they are now. */
  isHeld: () => boolean;
  /** Told the number of rows that would enter, leave or move, whenever it changes. */
  onWaiting: (count: number) => void;
}

export interface KeyedList {
  /** Everything that the list should show now, in order. */
  show(rows: readonly ListRow[]): void;
  /** Shows what waits, whoever looks. */
  release(): void;
}

/** What the reader did to a row; its markup does not know. */
const OF_READER = ["picked", "chosen"];

export function keyedList(body: HTMLTableSectionElement, { isHeld, onWaiting }: ListOptions): KeyedList {
  const written = new Map<string, string>();
  const template = document.createElement("template");
  let wanted: readonly ListRow[] | null = null;
  let told = 0;

  const made = ({ id, markup }: ListRow): Element => {
    written.set(id, markup);
    template.innerHTML = markup;
    return template.content.firstElementChild!;
  };
  const refresh = (element: Element, row: ListRow) => {
    element.classList.remove("left");
    if (written.get(row.id) === row.markup) return;
    const ofReader = OF_READER.filter((name) => element.classList.contains(name));
    morph(element, made(row));
    element.classList.add(...ofReader);
  };
  const tell = (count: number) => {
    if (count !== told) onWaiting((told = count));
  };
  const place = (rows: readonly ListRow[]) => {
    const known = new Map([...body.rows].map((row) => [row.id, row as Element]));
    let before: Element | null = null;
    for (const row of rows) {
      let element = known.get(row.id);
      if (element) refresh(element, row);
      else element = made(row);
      known.delete(row.id);
      const next: Element | null = before === null ? body.firstElementChild : before.nextElementSibling;
      if (element !== next) body.insertBefore(element, next);
      before = element;
    }
    for (const [id, element] of known) {
      element.remove();
      written.delete(id);
    }
    tell(0);
  };
  const stay = (rows: readonly ListRow[]) => {
    const byId = new Map(rows.map((row) => [row.id, row]));
    const shown = [...body.rows];
    for (const element of shown) {
      const row = byId.get(element.id);
      if (row) refresh(element, row);
      element.classList.toggle("left", row === undefined);
    }
    tell(displaced(shown.map(({ id }) => id), rows.map(({ id }) => id))); // prettier-ignore
  };

  return {
    show(rows) {
      wanted = rows;
      if (isHeld()) stay(rows);
      else place(rows);
    },
    release() {
      if (wanted !== null) place(wanted);
    },
  };
}

/** How many rows are not where they should be: those that enter or leave, and those that others must be put before. */
export function displaced(shown: readonly string[], wanted: readonly string[]): number {
  const stays = new Set(shown.filter((id) => wanted.includes(id)));
  const entering = wanted.filter((id) => !stays.has(id)).length;
  const leaving = shown.length - stays.size;
  const places = new Map(wanted.filter((id) => stays.has(id)).map((id, i) => [id, i]));
  const order = shown.filter((id) => stays.has(id)).map((id) => places.get(id)!);
  return entering + leaving + order.length - longestRising(order);
}

/** Length of the longest rising subsequence of distinct numbers: the most rows that can stay where they are. */
function longestRising(numbers: readonly number[]): number {
  const tails: number[] = [];
  for (const number of numbers) {
    const at = tails.findIndex((tail) => tail > number);
    tails[at < 0 ? tails.length : at] = number;
  }
  return tails.length;
}
