/**
 * Panels of a followed page. Counts without a filter are in every frame and are written at once. Everything else is fetched
 * again, as the server renders it, at most once a second and only the panels whose topic changed: a filter, a sum or a bucket
 * of time needs to know what a row was before, which a page that does not hold the hundred thousand rows cannot know.
 */
import type { ViewDelta } from "~/model/delta";
import { groupDigits } from "../ui/number-text";
import type { DashboardFollow } from "~/web/pages/dashboard/dashboard-page";

export interface PanelsAnswer {
  follow: DashboardFollow;
  panels: { id: string; html: string }[];
}

export const panelElements = (grid: ParentNode): HTMLElement[] => [
  ...grid.querySelectorAll<HTMLElement>(":scope > [data-panel]"),
];

/** Writes counts of a frame into a panel. @returns false when it shows other words than the frame has */
export function writeCounts(panel: HTMLElement, { counts }: Pick<ViewDelta, "counts">): boolean {
  if (counts === null) return false;
  const items = [...panel.querySelectorAll<HTMLElement>("[data-status]")];
  const known = new Set(items.map((item) => item.dataset["status"]!));
  if (Object.keys(counts.day).some((word) => !known.has(word))) return false;
  for (const item of items) {
    const value = item.querySelector(".value");
    const text = groupDigits(String(counts.day[item.dataset["status"]!] ?? 0));
    if (value && value.textContent !== text) value.textContent = text;
  }
  return true;
}

const FOCUSABLE = "a[href], button, summary, [tabindex]";

/** Puts the content of a fresh element into the one that is shown; what is focused in it stays focused. */
export function refresh(shown: HTMLElement, fresh: HTMLElement): void {
  for (const part of ["header", ".dash-body"]) {
    const [old, next] = [shown.querySelector(part), fresh.querySelector(part)];
    if (!old || !next || old.innerHTML === next.innerHTML) continue;
    const focused = [...old.querySelectorAll(FOCUSABLE)].indexOf(document.activeElement as Element);
    old.replaceChildren(...next.childNodes);
    if (focused >= 0) old.querySelectorAll<HTMLElement>(FOCUSABLE)[focused]?.focus({ preventScroll: true });
  }
  for (const name of ["data-topic", "data-live"]) shown.setAttribute(name, fresh.getAttribute(name) ?? "");
}

export function elementOf(html: string): HTMLElement {
  const template = document.createElement("template");
  // The server's own markup, the same that it writes into the page.
  template.innerHTML = html;
  return template.content.firstElementChild as HTMLElement;
}

/** @throws Error with the sentence of the server */
export async function fetchPanels(
  { id, arranging }: Pick<DashboardFollow, "id" | "arranging">,
  only: readonly string[] | null,
  signal?: AbortSignal,
): Promise<PanelsAnswer> {
  const query = new URLSearchParams();
  if (only !== null) query.set("only", only.join(","));
  if (arranging) query.set("arrange", "");
  const answer = await fetch(`/api/v1/dashboards/${id}/panels?${query.toString()}`, signal ? { signal } : {});
  if (!answer.ok) throw new Error(await sentenceOf(answer));
  return (await answer.json()) as PanelsAnswer;
}

export async function sentenceOf(answer: Response): Promise<string> {
  if (!/json/.test(answer.headers.get("content-type") ?? "")) return `The server answered ${answer.status}.`;
  const { detail, title } = (await answer.json()) as { detail?: string; title?: string };
  return detail ?? title ?? `The server answered ${answer.status}.`;
}

const PACE_MS = 1_000;

export interface FreshPanels {
  /** A topic changed. */
  changed(topic: string, delta: ViewDelta): void;
  close(): void;
}

/** @param grid the element that holds the panels */
export function freshPanels(grid: HTMLElement, of: Pick<DashboardFollow, "id" | "arranging">): FreshPanels {
  const closing = new AbortController();
  const due = new Set<string>();
  let timer: ReturnType<typeof setTimeout> | null = null;
  let isAsking = false;
  let askedAt = -Infinity;

  const schedule = () => {
    if (due.size === 0 || timer !== null || isAsking || closing.signal.aborted) return;
    timer = setTimeout(() => void ask(), Math.max(0, askedAt + PACE_MS - performance.now()));
  };
  const ask = async () => {
    timer = null;
    askedAt = performance.now();
    // What somebody has marked to copy is left alone until they are done.
    const wanted = panelElements(grid).filter((panel) => due.has(panel.dataset["panel"]!) && !isMarked(panel));
    if (wanted.length === 0) {
      due.clear();
      return;
    }
    isAsking = true;
    const ids = wanted.map((panel) => panel.dataset["panel"]!);
    for (const id of ids) due.delete(id);
    try {
      const { panels } = await fetchPanels(of, ids, closing.signal);
      const fresh = new Map(panels.map(({ id, html }) => [id, html]));
      for (const panel of wanted) {
        const html = fresh.get(panel.dataset["panel"]!);
        if (html !== undefined) refresh(panel, elementOf(html));
        panel.removeAttribute("data-stale");
      }
    } catch {
      // It is said on the panels, and asked again: the line of the page's age tells of a broken link by itself.
      if (closing.signal.aborted) return;
      for (const panel of wanted) panel.setAttribute("data-stale", "");
      for (const id of ids) due.add(id);
    } finally {
      isAsking = false;
    }
    schedule();
  };
  return {
    changed: (topic, delta) => {
      for (const panel of panelElements(grid)) {
        if (panel.dataset["topic"] !== topic) continue;
        if (panel.dataset["live"] === "counts" && writeCounts(panel, delta)) continue;
        due.add(panel.dataset["panel"]!);
      }
      schedule();
    },
    close: () => {
      closing.abort();
      if (timer !== null) clearTimeout(timer);
    },
  };
}

function isMarked(panel: HTMLElement): boolean {
  const selection = getSelection();
  return selection?.type === "Range" && panel.contains(selection.anchorNode);
}
