/**
 * Where panels stand: a grid of twelve columns, rows without end. One rule for every change, on the server and in browsers:
 * the panel that was moved keeps its place, what it hits is pushed down, and then everything falls up as far as it can.
 * So no two panels overlap and no row is empty. Pure.
 */

export const COLUMNS = 12;
export const SMALLEST = 2;
export const TALLEST = 24;
/** Far enough down for every layout, near enough to be a number that people may type. */
export const LOWEST = 1_000;

/** In columns and rows, counted from 0. */
export interface Place {
  x: number;
  y: number;
  w: number;
  h: number;
}

export interface Placed {
  id: string;
  place: Place;
}

const overlap = (a: Place, b: Place): boolean =>
  a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h;

const byPlace = (a: Placed, b: Placed): number => a.place.y - b.place.y || a.place.x - b.place.x;

const bounded = (value: number, least: number, most: number): number =>
  Math.min(Math.max(Math.round(value), least), most);

/** The nearest place that a panel may have. */
export function fit({ x, y, w, h }: Place): Place {
  const width = bounded(w, SMALLEST, COLUMNS);
  return {
    x: bounded(x, 0, COLUMNS - width),
    y: bounded(y, 0, LOWEST),
    w: width,
    h: bounded(h, SMALLEST, TALLEST),
  };
}

/**
 * @param moved id of the panel that goes before all others where they meet; absent = the higher one does
 * @returns the same panels in reading order, without overlaps and gaps
 */
export function settle<T extends Placed>(panels: readonly T[], moved?: string): T[] {
  const fitting = panels.map((panel) => ({ ...panel, place: fit(panel.place) }));
  const first = fitting.filter(({ id }) => id === moved);
  const pushed = [...first];
  for (const panel of fitting.filter(({ id }) => id !== moved).sort(byPlace)) pushed.push(lowered(panel, pushed));
  const order = pushed.sort((a, b) => a.place.y - b.place.y || rank(a) - rank(b) || a.place.x - b.place.x);
  const settled: T[] = [];
  for (const panel of order) settled.push(lifted(panel, settled));
  return settled.sort(byPlace);

  function rank({ id }: Placed): number {
    return id === moved ? 0 : 1;
  }
}

/** Down to the first place where it hits nothing. */
function lowered<T extends Placed>(panel: T, others: readonly Placed[]): T {
  let { place } = panel;
  for (;;) {
    const hit = others.find((other) => overlap(place, other.place));
    if (!hit) return { ...panel, place };
    place = { ...place, y: hit.place.y + hit.place.h };
  }
}

/** Up as far as nothing is in its way. */
function lifted<T extends Placed>(panel: T, others: readonly Placed[]): T {
  const { place } = panel;
  const inTheWay = others.filter(({ place: { x, w, y, h } }) => {
    return place.x < x + w && x < place.x + place.w && y + h <= place.y;
  });
  const y = Math.max(0, ...inTheWay.map((other) => other.place.y + other.place.h));
  return { ...panel, place: { ...place, y } };
}

/** One panel put to a place, and what that does to the others. */
export const put = <T extends Placed>(panels: readonly T[], id: string, place: Place): T[] =>
  settle(
    panels.map((panel) => (panel.id === id ? { ...panel, place } : panel)),
    id,
  );

export type Direction = "left" | "right" | "up" | "down";

/**
 * One step of the keyboard: a column sideways; up or down past the nearest panel that is in the way.
 *
 * @returns null when there is nothing in that direction
 */
export function step<T extends Placed>(panels: readonly T[], id: string, direction: Direction): T[] | null {
  const panel = panels.find((one) => one.id === id);
  if (!panel) return null;
  const { place } = panel;
  if (direction === "left" || direction === "right") {
    const x = place.x + (direction === "left" ? -1 : 1);
    return x < 0 || x + place.w > COLUMNS ? null : put(panels, id, { ...place, x });
  }
  const bottom = Math.max(...panels.map((one) => one.place.y + one.place.h));
  const by = direction === "up" ? -1 : 1;
  for (let y = place.y + by; y >= 0 && y <= bottom; y += by) {
    const next = put(panels, id, { ...place, y });
    if (!samePlaces(panels, next)) return next;
  }
  return null;
}

/** @returns null when it is as small or as large as it may be */
export function resize<T extends Placed>(panels: readonly T[], id: string, byW: number, byH: number): T[] | null {
  const panel = panels.find((one) => one.id === id);
  if (!panel) return null;
  const { place } = panel;
  const w = bounded(place.w + byW, SMALLEST, COLUMNS - place.x);
  const h = bounded(place.h + byH, SMALLEST, TALLEST);
  return w === place.w && h === place.h ? null : put(panels, id, { ...place, w, h });
}

/** The first row that is free over the whole width: where new panels go. */
export const freeRow = (panels: readonly Placed[]): number =>
  Math.max(0, ...panels.map(({ place }) => place.y + place.h));

export function samePlaces(a: readonly Placed[], b: readonly Placed[]): boolean {
  const of = new Map(a.map(({ id, place }) => [id, place]));
  return (
    a.length === b.length &&
    b.every(({ id, place: { x, y, w, h } }) => {
      const other = of.get(id);
      return other?.x === x && other.y === y && other.w === w && other.h === h;
    })
  );
}
