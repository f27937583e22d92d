/**
 * The batches behind a strip. The page has thousands of them and no link for any: what stands under the pointer, or is stepped to
 * with the arrow keys in a picked row, is asked for and told, and its link is made then.
 */
import type { RecentRun } from "~/model/pipeline";
import type { Topic } from "~/model/view";
import { batchHref } from "../event-table/cell";
import { clockTime, durationText, type Zone } from "../ui/time-text";
import { askRuns } from "./ask";
import { nameOfRowId } from "./pipeline-markup";
import { shortNumber } from "./short-number";

/** Batches on a strip; the newest is the last. */
const PLACES = 30;
/** What was asked for is told for so long. */
const KEPT_MS = 10_000;

/** @param body the rows of pipelines @returns ends it */
export function peekAtStrips(body: HTMLElement, { topic, zone }: { topic: Topic; zone: Zone }): () => void {
  const leaving = new AbortController();
  const { signal } = leaving;
  const known = new Map<string, { runs: readonly RecentRun[]; at: number }>();
  const box = document.createElement("div");
  box.className = "oc-peek";
  box.hidden = true;
  document.getElementById("main")!.append(box);
  let shown: { row: Element; index: number } | null = null;

  const runsOf = async (row: Element): Promise<readonly RecentRun[]> => {
    const name = nameOfRowId(row.id);
    const kept = known.get(name);
    if (kept && Date.now() - kept.at < KEPT_MS) return kept.runs;
    const [found] = await askRuns(topic, null, [name], signal);
    const runs = found?.[1] ?? [];
    known.set(name, { runs, at: Date.now() });
    return runs;
  };
  const hide = () => {
    shown = null;
    box.hidden = true;
  };
  const show = async (row: Element, index: number): Promise<RecentRun | null> => {
    shown = { row, index };
    const run = (await runsOf(row))[index] ?? null;
    if (shown?.row !== row || shown.index !== index || signal.aborted) return null;
    box.hidden = run === null;
    if (run === null) return null;
    box.replaceChildren(...told(run, zone));
    const strip = row.querySelector("svg")!.getBoundingClientRect();
    const x = strip.right - ((index + 0.5) * strip.width) / PLACES;
    box.style.left = `${Math.max(8, Math.min(x - 24, innerWidth - box.offsetWidth - 8))}px`;
    box.style.top = `${strip.bottom + 4 + box.offsetHeight > innerHeight ? strip.top - box.offsetHeight - 4 : strip.bottom + 4}px`;
    return run;
  };
  const placeAt = (event: MouseEvent): { row: Element; index: number } | null => {
    const strip = (event.target as Element).closest(".runs")?.querySelector("svg");
    if (!strip) return null;
    const { right, width } = strip.getBoundingClientRect();
    const index = Math.floor(((right - event.clientX) / width) * PLACES);
    return index < 0 || index >= PLACES ? null : { row: strip.closest("tr")!, index };
  };
  const on = <K extends keyof HTMLElementEventMap>(
    target: HTMLElement | Document,
    name: K,
    listener: (event: HTMLElementEventMap[K]) => void,
  ) => target.addEventListener(name, listener as EventListener, { signal });

  on(body, "pointermove", (event) => {
    const place = placeAt(event);
    if (place === null) return box.contains(document.activeElement) ? undefined : hide();
    if (shown?.row !== place.row || shown.index !== place.index) void show(place.row, place.index);
  });
  on(body, "pointerleave", () => hide());
  on(body, "click", (event) => {
    const place = placeAt(event);
    if (place === null) return;
    void show(place.row, place.index).then((run) => {
      const href = run && batchHref(run.correlationId, null);
      if (href) location.assign(href);
    });
  });
  on(document, "keydown", (event) => {
    const row = body.querySelector("tr.picked");
    if (row === null) return;
    if (event.key === "Escape" && shown !== null) {
      hide();
      row.querySelector("a")?.focus();
    }
    if (event.key !== "ArrowLeft" && event.key !== "ArrowRight") return;
    event.preventDefault();
    const from = shown?.row === row ? shown.index : -1;
    const index = Math.min(PLACES - 1, Math.max(0, from + (event.key === "ArrowLeft" ? 1 : -1)));
    void show(row, index).then(() => box.querySelector("a")?.focus());
  });
  return () => {
    leaving.abort();
    box.remove();
  };
}

function told({ correlationId, state, startedAt, durationMs, rows }: RecentRun, zone: Zone): Node[] {
  const href = batchHref(correlationId, null);
  const name = document.createElement(href === null ? "b" : "a");
  if (href !== null) name.setAttribute("href", href);
  name.textContent = correlationId;
  const facts = [
    state,
    `began ${clockTime(startedAt, Date.now(), zone)}`,
    ...(durationMs === null ? [] : [`took ${durationText(durationMs)}`]),
    ...(rows === null ? [] : [`${shortNumber(rows)} rows`]),
  ];
  const text = document.createElement("span");
  text.textContent = facts.join(" · ");
  return [name, text];
}
