/** How good the data of the last batches is: now against what is usual, the way there, and where it suffers most. */
import type { GridBatch, PipelineGrid } from "~/model/pipeline-grid";
import type { Quality } from "~/model/quality";
import { compareText } from "~/model/value";
import { escaped } from "../event-table/markup";

const WIDTH = 480;
const HEIGHT = 72;

/** Rounded down, so that nothing which is not whole looks whole. */
export const percent = (value: number): string => `${(Math.floor(value * 1000) / 10).toFixed(1)} %`;

export function qualityMarkup(grid: PipelineGrid): string {
  const known = grid.batches.filter((batch): batch is GridBatch & { quality: Quality } => batch.quality !== null);
  const [newest, ...before] = known;
  if (newest === undefined)
    return `<p class="muted">Nothing is known of it: events tell neither <code>qualityScore</code> nor both record counts.</p>`;
  const usual = median(before.map(({ quality }) => quality.value));
  const low = usual !== null && newest.quality.value < usual - 0.01;
  const against =
    usual === null
      ? ""
      : ` <span class="${low ? "wait" : "muted"} small">${low ? "▼ " : ""}usual ${percent(usual)}</span>`;
  const basis = known.some(({ quality }) => quality.basis === "score")
    ? "the lowest <code>qualityScore</code> of a batch's stages"
    : "processed against source records of a batch's worst stage";
  return (
    `<p><b class="figure">${percent(newest.quality.value)}</b>${against}</p>${trend(known)}${worstStage(known)}` +
    `<p class="muted small">Of each batch ${basis}. The numbers stand in the table of its batches.</p>`
  );
}

function median(values: readonly number[]): number | null {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted.length === 0 ? null : sorted[sorted.length >>> 1]!;
}

/** Oldest first; the scale begins at the round number below the lowest. */
function trend(known: readonly { correlationId: string; quality: Quality }[]): string {
  const values = known.map(({ quality }) => quality.value).reverse();
  if (values.length < 2) return "";
  const lowest = Math.min(...values);
  const floor = lowest >= 0.99 ? 0.99 : Math.max(0, Math.floor(lowest * 20) / 20);
  const x = (i: number) => Math.round((i / (values.length - 1)) * (WIDTH - 8)) + 4;
  const y = (value: number) => Math.round(4 + (1 - (value - floor) / (1 - floor || 1)) * (HEIGHT - 8));
  const line = values.map((value, i) => `${i === 0 ? "M" : "L"}${x(i)} ${y(value)}`).join("");
  const last = values.length - 1;
  return (
    `<div class="trend"><div class="trend-y" aria-hidden="true"><span>100 %</span><span>${percent(floor)}</span></div>` +
    `<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" preserveAspectRatio="none" role="img" aria-label="Quality of the last ${values.length} batches, oldest first: lowest ${percent(lowest)}, newest ${percent(values[last]!)}">` +
    `<path class="base" d="M0 4H${WIDTH}M0 ${HEIGHT - 4}H${WIDTH}"/><path class="line" d="${line}"/></svg></div>`
  );
}

/** The stage that was the worst one most often. */
function worstStage(known: readonly { quality: Quality }[]): string {
  const times = new Map<string, { count: number; lowest: number }>();
  for (const { quality } of known) {
    if (quality.value >= 1) continue;
    const stage = times.get(quality.stageName) ?? { count: 0, lowest: 1 };
    times.set(quality.stageName, { count: stage.count + 1, lowest: Math.min(stage.lowest, quality.value) });
  }
  const [worst] = [...times].sort(([a, x], [b, z]) => z.count - x.count || x.lowest - z.lowest || compareText(a, b));
  if (!worst) return `<p class="small">Every batch was whole.</p>`;
  const [stage, { count, lowest }] = worst;
  return `<p class="small">Worst stage: <b>${escaped(stage)}</b>, the lowest in ${count} of ${known.length} batches, down to ${percent(lowest)}</p>`;
}
