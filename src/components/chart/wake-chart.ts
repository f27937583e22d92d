/**
 * Brings a chart that the server drew to life: a cursor that reads it out, by mouse, finger and arrow keys, and a range that can be
 * selected where the page has one. The library comes with the first look closer, never before; until then, and without script,
 * the drawing and its table say the same.
 */
import type UPlot from "uplot";
import { exactTime } from "../ui/time-text";
import { DASHES, type ChartData } from "./chart-spec";
import { amountText, timeLabel } from "./chart-text";

/** Charts that are alive; those that are gone from the page are ended by their observers. */
const awake = new WeakMap<Element, UPlot | null>();

/** For `pointerover` and `focusin` anywhere around charts. */
export async function wakeFrom(target: EventTarget | null): Promise<void> {
  const figure = target instanceof Element ? target.closest<HTMLElement>("figure[data-chart]") : null;
  const isInPlot = target instanceof Element && target.closest(".chart-canvas") !== null;
  if (figure === null || !isInPlot || awake.has(figure)) return;
  awake.set(figure, null);
  const { default: uPlot } = await import("uplot");
  if (figure.isConnected) awake.set(figure, begin(uPlot, figure));
}

interface Parts {
  figure: HTMLElement;
  canvas: HTMLElement;
  read: HTMLElement;
  data: ChartData;
  names: readonly string[];
  colours: readonly string[];
}

function partsOf(figure: HTMLElement): Parts {
  const keys = [...figure.querySelectorAll(".chart-keys li:not(.chart-open)")];
  return {
    figure,
    canvas: figure.querySelector<HTMLElement>(".chart-canvas")!,
    read: figure.querySelector<HTMLElement>(".chart-read")!,
    data: JSON.parse(figure.querySelector("script")!.textContent) as ChartData,
    names: keys.map((key) => key.querySelector("span")!.textContent),
    colours: keys.map((key) => getComputedStyle(key.querySelector(".swatch")!).color),
  };
}

function begin(uPlot: typeof UPlot, figure: HTMLElement): UPlot {
  const parts = partsOf(figure);
  const { canvas, data } = parts;
  const { width, height } = canvas.getBoundingClientRect();
  const chart = new uPlot(optionsOf(uPlot, parts, width, height), alignedOf(uPlot, data), canvas);
  figure.classList.add("awake");
  const leaving = new AbortController();
  canvas.addEventListener("keydown", (event) => moveCursor(chart, event), { signal: leaving.signal });
  canvas.setAttribute("role", "slider");
  canvas.setAttribute("aria-valuemin", "0");
  canvas.setAttribute("aria-valuemax", String(chart.data[0].length - 1));
  canvas.setAttribute("aria-valuenow", String(chart.data[0].length - 1));
  const end = () => {
    leaving.abort();
    resized.disconnect();
    themed.disconnect();
    chart.destroy();
    figure.classList.remove("awake");
    canvas.setAttribute("role", "img");
    for (const name of ["valuemin", "valuemax", "valuenow", "valuetext"]) canvas.removeAttribute(`aria-${name}`);
    awake.delete(figure);
  };
  const resized = new ResizeObserver(([entry]) => {
    if (!figure.isConnected) return end();
    const { width, height } = entry!.contentRect;
    if (width > 0 && height > 0) chart.setSize({ width, height });
  });
  resized.observe(canvas);
  // The colours are those of the theme that it was drawn in: the drawing below has the new ones by itself.
  const themed = new MutationObserver(end);
  themed.observe(document.documentElement, { attributeFilter: ["data-theme"] });
  return chart;
}

/** Times of all series together; seconds, as the library has them. Bars are sums of those below them, topmost first. */
function alignedOf(uPlot: typeof UPlot, data: ChartData): UPlot.AlignedData {
  if (data.kind === "lines") {
    const tables = data.series.map(([times, values]) => [times.map((ms) => ms / 1_000), values] as UPlot.AlignedData);
    return tables.length === 0 ? [[]] : uPlot.join(tables);
  }
  const times = data.series[0]?.[0] ?? [];
  const half = (data.bucketMs ?? 0) / 2;
  const sums: number[][] = [];
  for (const [, values] of data.series) {
    const below = sums.at(-1);
    sums.push(values.map((value, i) => (below?.[i] ?? 0) + Math.max(0, value)));
  }
  return [times.map((ms) => (ms + half) / 1_000), ...sums.reverse()];
}

function optionsOf(uPlot: typeof UPlot, parts: Parts, width: number, height: number): UPlot.Options {
  const { data, names, colours } = parts;
  const { kind, unit, zone, start, end } = data;
  const order = names.map((_, i) => i);
  if (kind === "bars") order.reverse();
  const muted = getComputedStyle(parts.figure.querySelector(".chart-x")!).color;
  const line = getComputedStyle(parts.figure.querySelector(".chart-grid")!).stroke;
  return {
    width,
    height,
    legend: { show: false },
    padding: [0, 0, 0, 0],
    scales: {
      x: { time: false, range: [start / 1_000, end / 1_000] },
      y: { range: [0, data.top] },
    },
    axes: [{ show: false }, { show: false }],
    cursor: {
      y: false,
      drag: { x: data.rangeHref !== null, y: false },
      points: { show: kind === "lines" },
    },
    series: [
      {},
      ...order.map((i): UPlot.Series => ({
        label: names[i]!,
        stroke: colours[i]!,
        width: kind === "bars" ? 0 : 1.5,
        spanGaps: true,
        dash: kind === "lines" ? [...DASHES[i % DASHES.length]!] : [],
        ...(kind === "bars" && {
          fill: i === 0 ? colours[i]! : textured(colours[i]!, i),
          paths: uPlot.paths.bars!({ size: [0.84] }),
          points: { show: false },
        }),
      })),
    ],
    hooks: {
      setCursor: [(chart) => tell(chart, parts)],
      setSelect: [(chart) => goToRange(chart, data)],
      drawClear: [(chart) => grid(chart, line)],
      draw: [(chart) => hatch(chart, data, muted)],
    },
  };

  /** What the legend shows of it: a pattern in its colour, so that two series differ without it too. */
  function textured(colour: string, i: number): CanvasPattern | string {
    const tile = document.createElement("canvas");
    tile.width = tile.height = 8;
    const pen = tile.getContext("2d")!;
    pen.fillStyle = pen.strokeStyle = colour;
    pen.globalAlpha = 0.35;
    pen.fillRect(0, 0, 8, 8);
    pen.globalAlpha = 1;
    pen.lineWidth = 2;
    pen.beginPath();
    const strokes: (readonly [number, number, number, number])[] = [[0, 8, 8, 0], [3, 4, 5, 4], [0, 4, 8, 4], [4, 0, 4, 8], [0, 0, 8, 8]]; // prettier-ignore
    const [fromX, fromY, toX, toY] = strokes[(i - 1) % strokes.length]!;
    pen.moveTo(fromX, fromY);
    pen.lineTo(toX, toY);
    pen.stroke();
    return pen.createPattern(tile, "repeat") ?? colour;
  }

  function tell(chart: UPlot, { canvas, read }: Parts): void {
    const { idx } = chart.cursor;
    const isAway = idx === null || idx === undefined;
    const text = isAway ? "" : readOut(chart, idx);
    read.textContent = text;
    if (isAway) return;
    canvas.setAttribute("aria-valuenow", String(idx));
    canvas.setAttribute("aria-valuetext", text);
  }

  function readOut(chart: UPlot, idx: number): string {
    const at = chart.data[0][idx]! * 1_000;
    const from = kind === "bars" ? at - (data.bucketMs ?? 0) / 2 : at;
    const time =
      kind === "bars"
        ? `${exactTime(from, zone).slice(0, 16)} to ${timeLabel(from + (data.bucketMs ?? 0), start, end, zone)}`
        : exactTime(at, zone).slice(0, 19);
    const values = names.flatMap((name, i) => {
      const value = kind === "bars" ? data.series[i]![1][idx] : chart.data[i + 1]![idx];
      const isNothing = value === null || value === undefined || (kind === "bars" && value === 0);
      return isNothing ? [] : [`${name} ${amountText(value, unit)}`];
    });
    const isOpen = data.provisionalFrom !== null && at >= data.provisionalFrom;
    return `${time}: ${values.join(", ") || "nothing"}${isOpen ? " (may change)" : ""}`;
  }
}

/** The lines of the drawing: the top and its half. */
function grid(chart: UPlot, colour: string): void {
  const { left, top, width, height } = chart.bbox;
  const pen = chart.ctx;
  pen.save();
  pen.strokeStyle = colour;
  pen.lineWidth = devicePixelRatio;
  pen.beginPath();
  for (const y of [top + 0.5, top + height / 2]) {
    pen.moveTo(left, y);
    pen.lineTo(left + width, y);
  }
  pen.stroke();
  pen.restore();
}

/** Numbers that may still change stand on hatched ground, as in the drawing. */
function hatch(chart: UPlot, { provisionalFrom, end }: ChartData, colour: string): void {
  if (provisionalFrom === null || provisionalFrom >= end) return;
  const { left, top, width, height } = chart.bbox;
  const from = Math.max(left, chart.valToPos(provisionalFrom / 1_000, "x", true));
  const pen = chart.ctx;
  pen.save();
  pen.beginPath();
  pen.rect(from, top, left + width - from, height);
  pen.clip();
  pen.strokeStyle = colour;
  pen.globalAlpha = 0.4;
  pen.lineWidth = 1.5;
  pen.beginPath();
  for (let x = from - height; x < left + width; x += 9) {
    pen.moveTo(x, top + height);
    pen.lineTo(x + height, top);
  }
  pen.stroke();
  pen.restore();
}

const STEPS: Readonly<Record<string, (idx: number, last: number) => number>> = {
  ArrowLeft: (idx) => idx - 1,
  ArrowRight: (idx) => idx + 1,
  PageUp: (idx, last) => idx - Math.ceil(last / 10),
  PageDown: (idx, last) => idx + Math.ceil(last / 10),
  Home: () => 0,
  End: (_idx, last) => last,
};

function moveCursor(chart: UPlot, event: KeyboardEvent): void {
  const step = STEPS[event.key];
  if (step === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
  event.preventDefault();
  const last = chart.data[0].length - 1;
  const idx = Math.min(last, Math.max(0, step(chart.cursor.idx ?? last + 1, last)));
  chart.setCursor({ left: chart.valToPos(chart.data[0][idx]!, "x"), top: 0 });
}

/** A range that was drawn with the mouse becomes that of the page: it can be shared, and Back leads out of it. */
function goToRange(chart: UPlot, { rangeHref }: ChartData): void {
  if (rangeHref === null || chart.select.width < 4) return;
  const [from, to] = [chart.select.left, chart.select.left + chart.select.width].map((left) =>
    new Date(Math.round(chart.posToVal(left, "x") * 1_000)).toISOString(),
  );
  const url = new URL(rangeHref, location.href);
  url.searchParams.set("from", from!);
  url.searchParams.set("to", to!);
  location.assign(url);
}
