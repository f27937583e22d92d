/**
 * Opens a batch beside the list that it was found in, without loading the list again: what its own page says of it is taken
 * over. The address says what is open, so Back closes it, and whoever loads the address gets it from the server.
 */
import { BATCH_ID } from "../batch/batch-id";
import { DELTA_EVENT, type DeltaDetail } from "../follow/delta-event";
import { freshParts } from "../follow/fresh-parts";
import { concerns, type ConcernSpec } from "../pipeline/concerns";
import { copyText } from "../shell/copy-text";
import type { MovingWindow } from "../shell/early-back";
import { pickedRow } from "../shell/row-cursor";
import { openBatchIn, ownPage, withDrawer, withoutDrawer } from "./drawer-address";
import { DRAWER_ID, drawerHead, TITLE_ID } from "./drawer-head";

/** In `history.state` of an address that was come to by opening: Back leads to the list with nothing open. */
const OPENED = "weirOpened";

const CLOCK_MS = 60_000;
/** Where it lies over all of the list (`drawer.css`), which is then out of reach. */
const OVER_ALL = "(max-width: 56rem)";

const here = (): string => location.pathname + location.search;
const mainNow = (): HTMLElement => document.getElementById("main")!;
const drawerNow = (): HTMLElement | null => document.getElementById(DRAWER_ID);
const stateNow = (): Record<string, unknown> => (history.state ?? {}) as Record<string, unknown>;

/** What is open; its end ends what follows it. */
let open: { correlationId: string; leaving: AbortController } | null = null;
/** Going back takes the browser a moment, in which what is open still stands. */
let closing: Promise<void> | null = null;

window.addEventListener("popstate", onMove);
(window as MovingWindow).weirMoves = true;

/** Opens a batch, or another one in the place of that which is open. Answers once it stands, before it is read. */
export async function openDrawer(correlationId: string): Promise<void> {
  if (closing !== null) await closing;
  const address = withDrawer(here(), correlationId);
  if (drawerNow() === null) history.pushState({ ...stateNow(), [OPENED]: true }, "", address);
  else history.replaceState(stateNow(), "", address);
  void show(correlationId);
}

/** Closes what is open, if anything is. */
export function closeDrawer(): void {
  if (drawerNow() === null || closing !== null) return;
  if (stateNow()[OPENED] === true) {
    closing = new Promise((resolve) => window.addEventListener("popstate", () => resolve(), { once: true }));
    void closing.then(() => (closing = null));
    history.back();
  } else {
    history.replaceState(stateNow(), "", withoutDrawer(here()));
    hide();
  }
}

/** Takes over what the server wrote open, unless its reader has gone back meanwhile. */
export function wakeDrawer(): void {
  const drawer = drawerNow();
  if (drawer === null || open !== null) return;
  const correlationId = openBatchIn(here());
  if (correlationId === null) return hide();
  // What happened since the server wrote it was said to nobody.
  follow(drawer, correlationId).changed();
}

async function show(correlationId: string): Promise<void> {
  const drawer = frame(correlationId);
  const body = drawer.querySelector<HTMLElement>(".drawer-body")!;
  const following = follow(drawer, correlationId);
  try {
    const page = await batchPage(pageOf(correlationId), following.signal);
    body.replaceChildren(page.getElementById(BATCH_ID)!);
    drawer.dataset["follow"] = page.getElementById("main")?.dataset["follow"] ?? "";
    following.told();
  } catch (error) {
    if (following.signal.aborted) return;
    body.textContent = error instanceof Error ? error.message : String(error);
  }
  body.removeAttribute("aria-busy");
}

function pageOf(correlationId: string): string {
  return ownPage(here(), correlationId, mainNow().dataset["drawer"] ?? "");
}

/** @throws Error with a sentence for the reader; of a signal that was aborted, whatever it is */
async function batchPage(address: string, signal: AbortSignal): Promise<Document> {
  const answer = await fetch(address, { headers: { accept: "text/html" }, signal }).catch(() => {
    throw new Error("The server does not answer: its page can be tried later.");
  });
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  signal.throwIfAborted();
  if (page.getElementById(BATCH_ID) !== null) return page;
  const told = page.querySelector("#main h1 + p")?.textContent.trim();
  throw new Error(answer.ok || !told ? "The batch cannot be shown here: open its page." : told);
}

/** The drawer with nothing in it yet; the one that is there is used again. */
function frame(correlationId: string): HTMLElement {
  const drawer = drawerNow() ?? document.createElement("div");
  drawer.id = DRAWER_ID;
  drawer.className = mainNow().classList.contains("past") ? "drawer past" : "drawer";
  drawer.setAttribute("role", "dialog");
  drawer.setAttribute("aria-labelledby", TITLE_ID);
  for (const name of ["data-follow", "data-stale"]) drawer.removeAttribute(name);
  drawer.dataset["scroll"] = "";
  drawer.innerHTML =
    `<div class="drawer-head">${drawerHead({ correlationId, pageHref: pageOf(correlationId), closeHref: withoutDrawer(here()) })}</div>` +
    `<div class="drawer-body" aria-busy="true"><p class="muted">Reading it …</p></div>`;
  if (!drawer.isConnected) mainNow().after(drawer);
  drawer.scrollTop = 0;
  document.getElementById(TITLE_ID)!.focus({ preventScroll: true });
  return drawer;
}

function hide(): void {
  open?.leaving.abort();
  open = null;
  drawerNow()?.remove();
  (pickedRow()?.querySelector<HTMLElement>("a") ?? mainNow()).focus({ preventScroll: true });
}

interface Following {
  signal: AbortSignal;
  /** What is shown may be other than it is. */
  changed: () => void;
  /** From now on the drawer says what it is about; what was heard before may have been. */
  told: () => void;
}

/** Keeps what is open as it is now, until another is opened or it is closed. */
function follow(drawer: HTMLElement, correlationId: string): Following {
  open?.leaving.abort();
  const leaving = new AbortController();
  const { signal } = leaving;
  open = { correlationId, leaving };
  const parts = freshParts(drawer, { address: () => pageOf(correlationId) });
  const specNow = (): ConcernSpec | null =>
    drawer.dataset["follow"] ? (JSON.parse(drawer.dataset["follow"]) as ConcernSpec) : null;
  const changed = () => {
    if (specNow() !== null) parts.changed();
  };
  let isBehind = false;
  const onDelta = (event: Event) => {
    const spec = specNow();
    const { topic, delta } = (event as CustomEvent<DeltaDetail>).detail;
    isBehind ||= spec === null;
    if (spec?.topic === topic && concerns(delta, spec)) parts.changed();
  };
  document.addEventListener(DELTA_EVENT, onDelta, { signal });
  drawer.addEventListener("click", onClick, { signal });
  // Work under way takes longer by the clock and not by an event.
  const clock = setInterval(() => {
    if (!document.hidden) changed();
  }, CLOCK_MS);
  const overAll = matchMedia(OVER_ALL);
  const keepReach = () => (mainNow().inert = overAll.matches && !signal.aborted);
  overAll.addEventListener("change", keepReach, { signal });
  keepReach();
  signal.addEventListener("abort", () => {
    parts.close();
    clearInterval(clock);
    keepReach();
  });
  return {
    signal,
    changed,
    told: () => {
      if (isBehind) changed();
      isBehind = false;
    },
  };
}

function onClick(event: MouseEvent): void {
  const target = event.target as Element;
  const text = target.closest<HTMLElement>("[data-copy]")?.dataset["copy"];
  if (text !== undefined) void copyText(text, "the error");
  if (event.ctrlKey || event.metaKey || event.shiftKey) return;
  const place = target.closest<HTMLAnchorElement>('a[href^="#"]');
  const isClose = target.closest("[data-close]") !== null;
  if (place === null && !isClose) return;
  event.preventDefault();
  // A place within is no address of its own: Back leads to the list.
  if (place !== null) document.getElementById(decodeURIComponent(place.hash.slice(1)))?.scrollIntoView();
  else closeDrawer();
}

/** Back and forward between addresses of one list. */
function onMove(): void {
  const wanted = openBatchIn(here());
  if (wanted === null) {
    if (drawerNow() !== null) hide();
  } else if (open?.correlationId !== wanted) void show(wanted);
}
