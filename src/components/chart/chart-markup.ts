/**
 * A chart as markup that is right before any script has run: a drawing that stretches with its box (so its words stand beside it
 * and not in it), a legend, and a table of the same numbers. `wake-chart.ts` brings it to life when somebody looks closer.
 */
import { downsample } from "~/model/downsample";
import { escaped } from "../event-table/markup";
import { exactTime } from "../ui/time-text";
import { DASHES, type BarSeries, type ChartData, type ChartSpec, type LineSeries } from "./chart-spec";
import { amountText, niceTop, roundTimes, shortAmount } from "./chart-text";

const WIDTH = 1_000;
const HEIGHT = 100;
/** Columns of pixels that a wide window has for a chart. */
const COLUMNS = 600;
const MOST_ROWS = 500;
/** Percent of the axis at its ends where a label does not stand in the middle of its mark. */
const EDGE = 6;

export function chartMarkup(asked: ChartSpec): string {
  const spec = atPixels(asked);
  const { title } = spec;
  const head = title === null ? "" : `<h3>${escaped(title)}</h3>`;
  if (!hasValues(spec)) {
    return `<figure class="chart"><figcaption>${head}</figcaption><p class="chart-empty">${escaped(spec.empty)}</p>${notes(spec)}</figure>`;
  }
  const top = niceTop(mostOf(spec), spec.unit);
  return (
    `<figure class="chart" data-chart="${spec.id}"><figcaption>${head}<ul class="chart-keys">${legend(spec)}</ul></figcaption>` +
    `<div class="chart-plot"><div class="chart-y" aria-hidden="true"><span>${label(top, spec)}</span><span>${label(top / 2, spec)}</span><span>0</span></div>` +
    `<div class="chart-canvas" tabindex="0" role="img" aria-label="${escaped(summary(spec))}">${drawing(spec, top)}</div></div>` +
    `<svg class="chart-x" aria-hidden="true">${timesOf(spec)}</svg><output class="chart-read"></output>` +
    `${notes(spec)}${table(spec)}<script type="application/json">${dataOf(spec, top)}</script></figure>`
  );
}

const atPixels = (spec: ChartSpec): ChartSpec => {
  const { shape, start, end } = spec;
  if (shape.kind === "bars") return spec;
  const series = shape.series.map((one) => ({ ...one, points: downsample(one.points, start, end, COLUMNS) }));
  return { ...spec, shape: { ...shape, series } };
};

const hasValues = ({ shape }: ChartSpec): boolean =>
  shape.kind === "bars"
    ? shape.series.some(({ values }) => values.some((value) => value !== 0))
    : shape.series.some(({ points }) => points.length > 0);

function mostOf({ shape }: ChartSpec): number {
  if (shape.kind === "lines")
    return shape.series.reduce((most, { points }) => points.reduce((a, { y }) => Math.max(a, y), most), 0);
  let most = 0;
  for (let i = 0; i < shape.buckets; i++) most = Math.max(most, totalAt(shape.series, i));
  return most;
}

const totalAt = (series: readonly BarSeries[], i: number): number =>
  series.reduce((sum, { values }) => sum + Math.max(0, values[i] ?? 0), 0);

const label = (value: number, { unit }: ChartSpec): string => escaped(shortAmount(value, unit));

const round = (value: number): number => Math.round(value * 100) / 100;

function drawing(spec: ChartSpec, top: number): string {
  const { id, shape, provisionalFrom, start, end } = spec;
  const xOf = (ms: number) => round(((ms - start) / Math.max(1, end - start)) * WIDTH);
  const drawn = shape.kind === "bars" ? bars(id, shape, top, xOf, start) : lines(shape.series, top, xOf);
  const open =
    provisionalFrom === null || provisionalFrom >= end
      ? ""
      : `<rect class="provisional" x="${xOf(Math.max(start, provisionalFrom))}" y="0" width="${round(WIDTH - xOf(Math.max(start, provisionalFrom)))}" height="${HEIGHT}" fill="url(#${id}-open)"/>`;
  return (
    `<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" preserveAspectRatio="none" aria-hidden="true"><defs>${hatch(`${id}-open`, "muted")}${textures(id, shape)}</defs>` +
    `<path class="chart-grid" d="M0 0.5H${WIDTH}M0 50H${WIDTH}"/>${drawn}${open}</svg>`
  );
}

const hatch = (id: string, paint: string): string =>
  `<pattern id="${id}" class="${paint}" width="8" height="8" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><path d="M0 0V8" stroke="currentColor" stroke-width="2"/></pattern>`;

/** The first series is solid; the others have a texture of their own over a paler ground. */
function textures(id: string, shape: ChartSpec["shape"]): string {
  if (shape.kind === "lines") return "";
  return shape.series.map(({ paint }, i) => (i === 0 ? "" : texture(`${id}-t${i}`, paint, i))).join("");
}

function texture(id: string, paint: string, i: number): string {
  const ground = `<rect width="6" height="6" fill="currentColor" opacity="0.35"/>`;
  const strokes = [
    `<path d="M0 6L6 0" stroke="currentColor" stroke-width="1.6"/>`,
    `<circle cx="3" cy="3" r="1.4" fill="currentColor"/>`,
    `<path d="M0 3H6" stroke="currentColor" stroke-width="2"/>`,
    `<path d="M3 0V6" stroke="currentColor" stroke-width="2"/>`,
    `<path d="M0 0L6 6M0 6L6 0" stroke="currentColor" stroke-width="1.2"/>`,
    `<path d="M0 0L6 6" stroke="currentColor" stroke-width="1.6"/>`,
  ];
  return `<pattern id="${id}" class="${paint}" width="6" height="6" patternUnits="userSpaceOnUse">${ground}${strokes[(i - 1) % strokes.length]!}</pattern>`;
}

const fillOf = (id: string, i: number): string => (i === 0 ? "currentColor" : `url(#${id}-t${i})`);

function bars(
  id: string,
  { buckets, bucketMs, series }: { buckets: number; bucketMs: number; series: readonly BarSeries[] },
  top: number,
  xOf: (ms: number) => number,
  start: number,
): string {
  const tops = new Float64Array(buckets).fill(HEIGHT);
  return series
    .map(({ values, paint }, place) => {
      let path = "";
      for (let i = 0; i < buckets; i++) {
        const value = values[i] ?? 0;
        if (value <= 0) continue;
        const height = Math.max((value / top) * HEIGHT, 0.8);
        tops[i] = tops[i]! - height;
        const [left, right] = [xOf(start + i * bucketMs), xOf(start + (i + 1) * bucketMs)];
        const gap = (right - left) * 0.08;
        path += `M${round(left + gap)} ${round(tops[i]!)}h${round(right - left - 2 * gap)}v${round(height)}h${round(2 * gap + left - right)}z`;
      }
      return path === "" ? "" : `<path class="${paint}" fill="${fillOf(id, place)}" d="${path}"/>`;
    })
    .join("");
}

/** A point alone is a line of no length with round ends: a dot, however the drawing is stretched. */
const lines = (series: readonly LineSeries[], top: number, xOf: (ms: number) => number): string =>
  series
    .map(({ points, paint }, place) => {
      const path = points
        .map(({ x, y }, i) => `${i === 0 ? "M" : "L"}${xOf(x)} ${round(HEIGHT - (Math.max(0, y) / top) * HEIGHT)}`)
        .join("");
      if (path === "") return "";
      const dash = DASHES[place % DASHES.length]!;
      const dashed = dash.length === 0 ? "" : ` stroke-dasharray="${dash.join(" ")}"`;
      return `<path class="chart-line ${paint}"${dashed} d="${path}${points.length === 1 ? "h0" : ""}"/>`;
    })
    .join("");

function legend(spec: ChartSpec): string {
  const { id, shape } = spec;
  const kind = shape.kind;
  const series = shape.series
    .map(({ name, paint }, i) => {
      const dash = DASHES[i % DASHES.length]!;
      const drawn =
        kind === "bars"
          ? `<rect class="${paint}" width="12" height="12" fill="${fillOf(id, i)}"/>`
          : `<path class="chart-line ${paint}" d="M0 6H20"${dash.length === 0 ? "" : ` stroke-dasharray="${dash.join(" ")}"`}/>`;
      const width = kind === "bars" ? 12 : 20;
      return `<li><svg class="swatch ${paint}" width="${width}" height="12" aria-hidden="true">${drawn}</svg><span>${escaped(name.slice(0, 60))}</span>${totalText(shape, i)}</li>`;
    })
    .join("");
  if (!isOpen(spec)) return series;
  return `${series}<li class="chart-open"><svg class="swatch" width="12" height="12" aria-hidden="true"><rect class="provisional" width="12" height="12" fill="url(#${id}-open)"/></svg><span>may still change</span></li>`;
}

const isOpen = ({ provisionalFrom, end }: ChartSpec): boolean => provisionalFrom !== null && provisionalFrom < end;

function totalText(shape: ChartSpec["shape"], i: number): string {
  if (shape.kind === "lines") return "";
  const total = shape.series[i]!.values.reduce((sum, value) => sum + value, 0);
  return ` <b>${escaped(amountText(total, "count"))}</b>`;
}

function timesOf({ start, end, zone }: ChartSpec): string {
  return roundTimes(start, end, zone)
    .map(({ ms, text }) => {
      const share = round(((ms - start) / Math.max(1, end - start)) * 100);
      const anchor = share < EDGE ? "start" : share > 100 - EDGE ? "end" : "middle";
      return `<line x1="${share}%" x2="${share}%" y2="4"/><text x="${share}%" y="14" text-anchor="${anchor}">${text}</text>`;
    })
    .join("");
}

/** For those who do not see it: what it is, from when to when, and the most that it shows. */
function summary(spec: ChartSpec): string {
  const { what, start, end, zone, unit, shape } = spec;
  const most = amountText(mostOf(spec), unit);
  const names = shape.series.map(({ name }) => name.slice(0, 60)).join(", ");
  const range = `${exactTime(start, zone).slice(0, 16)} to ${exactTime(end, zone).slice(0, 16)}`;
  return `${what}, ${range} ${zone}: ${names}; at most ${most}. The table below has the numbers.`;
}

function notes({ completeFrom, start, zone }: ChartSpec): string {
  const said = [];
  if (completeFrom !== null && completeFrom > start)
    said.push(`Complete since ${exactTime(completeFrom, zone).slice(0, 16)} ${zone}: older events are not in memory.`);
  return said.length === 0 ? "" : `<p class="chart-note">${escaped(said.join(" "))}</p>`;
}

function table(spec: ChartSpec): string {
  const { what, shape, zone, unit, start } = spec;
  const heads = shape.series.map(({ name }) => `<th scope="col">${escaped(name.slice(0, 60))}</th>`).join("");
  const rows = shape.kind === "bars" ? barRows(shape, start) : lineRows(shape.series);
  const left =
    rows.length > MOST_ROWS ? `<p class="chart-note">The newest ${MOST_ROWS} of ${rows.length} rows.</p>` : "";
  const body = rows.slice(-MOST_ROWS).map(({ at, values }) => {
    const cells = values.map((value) => `<td>${value === null ? "" : escaped(amountText(value, unit))}</td>`).join("");
    const mark = spec.provisionalFrom !== null && at >= spec.provisionalFrom ? " (may change)" : "";
    return `<tr><th scope="row">${exactTime(at, zone).slice(0, 19)}${mark}</th>${cells}</tr>`;
  });
  return (
    `<details class="chart-table"><summary>Table<span class="quiet"> of ${escaped(what)}</span></summary>${left}<div class="chart-rows" tabindex="0" role="group" aria-label="${escaped(what)}">` +
    `<table><caption class="quiet">${escaped(what)}</caption><thead><tr><th scope="col">${shape.kind === "bars" ? "From" : "At"} (${escaped(zone)})</th>${heads}</tr></thead><tbody>${body.join("")}</tbody></table></div></details>`
  );
}

interface TableRow {
  at: number;
  values: (number | null)[];
}

const barRows = (
  { buckets, bucketMs, series }: { buckets: number; bucketMs: number; series: readonly BarSeries[] },
  start: number,
): TableRow[] =>
  Array.from({ length: buckets }, (_, i) => ({
    at: start + i * bucketMs,
    values: series.map(({ values }) => values[i] ?? 0),
  })).filter(({ values }) => values.some((value) => value !== 0));

function lineRows(series: readonly LineSeries[]): TableRow[] {
  const rows = new Map<number, (number | null)[]>();
  for (const [place, { points }] of series.entries())
    for (const { x, y } of points) {
      const known = rows.get(x) ?? series.map(() => null);
      known[place] = y;
      rows.set(x, known);
    }
  return [...rows].sort(([a], [b]) => a - b).map(([at, values]) => ({ at, values }));
}

function dataOf({ shape, unit, zone, start, end, provisionalFrom, rangeHref }: ChartSpec, top: number): string {
  const data: ChartData = {
    kind: shape.kind,
    unit,
    zone,
    start,
    end,
    top,
    bucketMs: shape.kind === "bars" ? shape.bucketMs : null,
    provisionalFrom,
    rangeHref,
    series:
      shape.kind === "bars"
        ? shape.series.map(({ values }) => [values.map((_, i) => start + i * shape.bucketMs), [...values]])
        : shape.series.map(({ points }) => [points.map(({ x }) => x), points.map(({ y }) => y)]),
  };
  // Nothing in it ends the element that holds it.
  return JSON.stringify(data).replaceAll("<", "\\u003c");
}
