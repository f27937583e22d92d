/** A chart over time: what the server draws, and what a browser may bring to life. */
import type { Point } from "~/model/downsample";
import type { Zone } from "../ui/time-text";

export type ChartUnit = "count" | "ms" | "bytes" | "share";

interface Series {
  /** Text of anybody. */
  name: string;
  /** Class of its colour. Texture and dashes follow its place among the others, so that it can be told without colour. */
  paint: string;
}

export interface BarSeries extends Series {
  /** One per bucket; what is below nothing is not drawn, and is in the table. */
  values: readonly number[];
}

export interface LineSeries extends Series {
  /** Ascending by time. The server cuts them down to the pixels that exist. */
  points: readonly Point[];
}

export type ChartShape =
  /** Whole buckets from `start` on, one series on top of the other. */
  | { kind: "bars"; bucketMs: number; buckets: number; series: readonly BarSeries[] }
  | { kind: "lines"; series: readonly LineSeries[] };

export interface ChartSpec {
  /** Unique on the page: letters, digits and `-`. */
  id: string;
  /** Of the chart as a whole; null where it stands above it already. */
  title: string | null;
  /** What is drawn, in words. */
  what: string;
  unit: ChartUnit;
  /** Epoch ms. */
  start: number;
  end: number;
  shape: ChartShape;
  /** From here on numbers may still change: hatched. */
  provisionalFrom: number | null;
  /** Older values are not all here; null = they are. */
  completeFrom: number | null;
  /** Said instead of a chart without a value. */
  empty: string;
  zone: Zone;
  /** The page with a range of its own, for who selects one; null = there is no such page. `from` and `to` are added. */
  rangeHref: string | null;
}

/** What travels beside the drawing, for the browser: numbers only, names are taken from the drawing's legend. */
export interface ChartData {
  kind: "bars" | "lines";
  unit: ChartUnit;
  zone: Zone;
  start: number;
  end: number;
  /** Of the axis of values. */
  top: number;
  bucketMs: number | null;
  provisionalFrom: number | null;
  rangeHref: string | null;
  /** Times and values of each series. */
  series: [number[], number[]][];
}

/** Lines by the place of their series, in units of their width. */
export const DASHES: readonly (readonly number[])[] = [[], [6, 4], [2, 3], [9, 3, 2, 3]];
