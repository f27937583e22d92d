/**
 * The last batches of a pipeline as a strip: one sign per batch, oldest first, as small as a sign can be because a page has
 * hundreds of strips. Height is duration; the state is told by shape as well as by colour: a completed batch is a full bar, a
 * failed one a cross, one that is retried a broken bar, one under way a hollow one.
 */
import type { RunState } from "~/model/batch";
import type { RecentRun } from "~/model/pipeline";

const STEP = 6;
const HEIGHT = 16;
const MOST = 30;
const CLASS: Record<RunState, string> = { completed: "ok", failed: "bad", retrying: "wait", running: "run" };
const WORD: Record<RunState, string> = {
  completed: "completed",
  failed: "failed",
  retrying: "retrying",
  running: "running",
};
const ORDER: readonly RunState[] = ["completed", "running", "retrying", "failed"];

/** @param recent newest first */
export function stripMarkup(recent: readonly RecentRun[]): string {
  const shown = recent.slice(0, MOST);
  const longest = Math.max(1, ...shown.map(({ durationMs }) => durationMs ?? 0));
  const paths: Record<RunState, string> = { completed: "", failed: "", retrying: "", running: "" };
  shown.forEach((run, i) => {
    paths[run.state] += SIGN[run.state]((MOST - 1 - i) * STEP + 3, barHeight(run.durationMs, longest));
  });
  const drawn = ORDER.filter((state) => paths[state] !== "")
    .map((state) => `<path class="${CLASS[state]}" d="${paths[state]}"/>`)
    .join("");
  return `<svg class="strip" viewBox="0 0 ${MOST * STEP} ${HEIGHT}" role="img" aria-label="${stripText(shown)}">${drawn}</svg>`;
}

const barHeight = (durationMs: number | null, longest: number): number =>
  Math.round(3 + (Math.sqrt(Math.max(0, durationMs ?? 0) / longest) || 0) * 11);

/** Around `x`, standing on the ground. */
const SIGN: Record<RunState, (x: number, height: number) => string> = {
  completed: (x, height) => `M${x} ${HEIGHT}v-${height}`,
  failed: (x) => `M${x - 2} 4l4 9m0-9l-4 9`,
  retrying: (x) => `M${x} ${HEIGHT}v-4m0-2v-4`,
  running: (x) => `M${x - 2} 15.5v-6h4v6z`,
};

/** What the strip shows, in words: "30 batches: 26 completed, 4 failed; the last one failed". */
export function stripText(recent: readonly RecentRun[]): string {
  const [newest] = recent;
  if (newest === undefined) return "No batch";
  const counts = ORDER.map((state) => [state, recent.filter((run) => run.state === state).length] as const)
    .filter(([, count]) => count > 0)
    .map(([state, count]) => `${count} ${WORD[state]}`);
  const batches = recent.length === 1 ? "1 batch" : `Last ${recent.length} batches`;
  return `${batches}: ${counts.join(", ")}; the newest ${WORD[newest.state]}`;
}
