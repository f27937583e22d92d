/**
 * A chart over time as markup: bars of one bucket each, its series one on top of the other; a table of the same numbers for
 * those who do not see it. The drawing stretches with the panel, so its words stand beside it and not in it.
 */
import { groupDigits } from "../../../components/event-table/cell";
import { escaped } from "../../../components/event-table/markup";
import { clockTime, exactTime } from "../../../components/ui/time-text";
import { toneOf } from "../../../components/ui/tone";
import type { Series, TimeChart } from "../../../model/panel-fold";

export interface ChartAbout {
  /** Event time of the oldest row that is in memory, when older ones were left out; null = all are there. */
  floor: number | null;
  /** Epoch ms of the page's instant. */
  instant: number;
  /** The series are words of a status: they have the colours of status. */
  isStatus: boolean;
  /** What is drawn, in words. */
  what: string;
}

const HEIGHT = 100;
const BAR = 10;

export function chartMarkup(chart: TimeChart, about: ChartAbout): string {
  const { series, buckets, start, bucketMs } = chart;
  if (series.length === 0) return `<p class="panel-empty">No event in this time.</p>${completeness(chart, about)}`;
  const painted = paint(series, about.isStatus);
  const most = niceTop(Math.max(...bucketTotals(chart)));
  const bars = Array.from({ length: buckets }, (_, i) => bar(chart, painted, i, most));
  const middle = start + Math.floor(buckets / 2) * bucketMs;
  return (
    `<figure class="chart"><div class="chart-plot"><div class="chart-y" aria-hidden="true"><span>${short(most)}</span><span>${short(most / 2)}</span><span>0</span></div>` +
    `<svg viewBox="0 0 ${buckets * BAR} ${HEIGHT}" preserveAspectRatio="none" aria-hidden="true"><path class="grid" d="M0 0.5H${buckets * BAR}M0 50H${buckets * BAR}"/>${bars.join("")}</svg></div>` +
    `<div class="chart-x" aria-hidden="true">${[start, middle, about.instant].map((ms) => `<span>${clockTime(ms, about.instant).slice(0, -3)}</span>`).join("")}</div>` +
    `<figcaption><ul class="chart-keys">${painted.map(legend).join("")}</ul></figcaption>` +
    `${completeness(chart, about)}${asTable(chart, about)}</figure>`
  );
}

interface Painted extends Series {
  name: string;
  paint: string;
}

/** Words of a status have its colours; two of one tone differ in strength, and all have their names beside them. */
function paint(series: readonly Series[], isStatus: boolean): Painted[] {
  const used = new Map<string, number>();
  return series.map((one, i) => {
    const name = one.isRest ? "other" : (one.label ?? "events");
    if (one.isRest || !isStatus) return { ...one, name, paint: one.isRest ? "s-rest" : `s-${i}` };
    const tone = toneOf(name);
    const before = used.get(tone) ?? 0;
    used.set(tone, before + 1);
    return { ...one, name, paint: `${tone}${before > 0 ? " second" : ""}` };
  });
}

/** Sums can be negative: what is below nothing is not drawn, and is in the table. */
const bucketTotals = ({ series, buckets }: TimeChart): number[] =>
  Array.from({ length: buckets }, (_, i) => series.reduce((sum, { values }) => sum + Math.max(0, values[i]!), 0));

function bar({ start, bucketMs }: TimeChart, painted: readonly Painted[], i: number, most: number): string {
  let top = HEIGHT;
  let parts = "";
  const said: string[] = [];
  for (const { values, name, paint: className } of painted) {
    const value = values[i]!;
    if (value !== 0) said.push(`${name}: ${amount(value)}`);
    if (value <= 0) continue;
    const height = Math.max((value / most) * HEIGHT, 0.8);
    top -= height;
    parts += `<rect class="${className}" x="${i * BAR + 0.75}" y="${round(top)}" width="${BAR - 1.5}" height="${round(height)}"/>`;
  }
  if (said.length === 0) return "";
  const from = start + i * bucketMs;
  const title = `${exactTime(from).slice(0, 16)} to ${exactTime(from + bucketMs).slice(11, 16)}\n${said.join("\n")}`;
  return `<g>${parts}<rect class="hit" x="${i * BAR}" y="0" width="${BAR}" height="${HEIGHT}"><title>${escaped(title)}</title></rect></g>`;
}

const legend = ({ name, paint: className, total }: Painted): string =>
  `<li><svg class="swatch" width="10" height="10" aria-hidden="true"><rect class="${className}" width="10" height="10"/></svg>${escaped(name.slice(0, 60))} <b>${amount(total)}</b></li>`;

function completeness({ start }: TimeChart, { floor }: ChartAbout): string {
  if (floor === null || floor <= start) return "";
  return `<p class="panel-foot">Complete since ${exactTime(floor).slice(0, 16)} UTC: older events are not in memory.</p>`;
}

function asTable({ series, buckets, start, bucketMs }: TimeChart, { isStatus, what }: ChartAbout): string {
  const painted = paint(series, isStatus);
  const head = painted.map(({ name }) => `<th scope="col">${escaped(name)}</th>`).join("");
  const rows = Array.from({ length: buckets }, (_, i) => i)
    .filter((i) => painted.some(({ values }) => values[i] !== 0))
    .map((i) => {
      const cells = painted.map(({ values }) => `<td>${amount(values[i]!)}</td>`).join("");
      return `<tr><th scope="row">${exactTime(start + i * bucketMs).slice(0, 16)}</th>${cells}</tr>`;
    });
  return `<div class="quiet"><table><caption>${escaped(what)}</caption><thead><tr><th scope="col">From (UTC)</th>${head}</tr></thead><tbody>${rows.join("")}</tbody></table></div>`;
}

/** The next round number: 1, 2 or 5 times a power of ten. */
export function niceTop(most: number): number {
  if (most <= 0) return 1;
  const power = 10 ** Math.floor(Math.log10(most));
  return [1, 2, 5, 10].map((factor) => factor * power).find((top) => top >= most)!;
}

const round = (value: number): number => Math.round(value * 100) / 100;

const amount = (value: number): string =>
  Number.isInteger(value) && Math.abs(value) < 1e21 ? groupDigits(String(value)) : String(Number(value.toPrecision(6)));

const SHORT = new Intl.NumberFormat("en", { notation: "compact", maximumFractionDigits: 1 });
const short = (value: number): string => escaped(SHORT.format(value));
