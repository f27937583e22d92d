/**
 * Opens a batch beside the list that it was found in, without loading the list again: what its own page says of it is taken
 * over. The address says what is open, so Back closes it, and whoever loads the address gets it from the server.
 */
import { BATCH_ID } from "../batch/batch-id";
import { DELTA_EVENT, type DeltaDetail } from "../follow/delta-event";
import { freshParts, type FreshParts } from "../follow/fresh-parts";
import { concerns, type ConcernSpec } from "../pipeline/concerns";
import { copyText } from "../shell/copy-text";
import { pickedRow } from "../shell/row-cursor";
import { openBatchIn, ownPage, withDrawer, withoutDrawer } from "./drawer-address";
import { DRAWER_ID, drawerHead, TITLE_ID } from "./drawer-head";

/** In `history.state` of an address that was come to by opening: Back leads to the list with nothing open. */
const OPENED = "weirOpened";

const CLOCK_MS = 60_000;

const here = (): string => location.pathname + location.search;
const drawerNow = (): HTMLElement | null => document.getElementById(DRAWER_ID);
const stateNow = (): Record<string, unknown> => (history.state ?? {}) as Record<string, unknown>;

/** Ends what follows and listens for the drawer that is open. */
let leaving: AbortController | null = null;
let isListening = false;

/** Opens a batch, or another one in the place of that which is open. */
export async function openDrawer(correlationId: string): Promise<void> {
  const address = withDrawer(here(), correlationId);
  if (drawerNow() === null) history.pushState({ ...stateNow(), [OPENED]: true }, "", address);
  else history.replaceState(stateNow(), "", address);
  await show(correlationId);
}

/** @returns whether one was open */
export function closeDrawer(): boolean {
  if (drawerNow() === null) return false;
  if (stateNow()[OPENED] === true) history.back();
  else {
    history.replaceState(stateNow(), "", withoutDrawer(here()));
    hide();
  }
  return true;
}

/** Takes over what the server wrote open. */
export function wakeDrawer(): void {
  const drawer = drawerNow();
  if (drawer !== null && leaving === null) follow(drawer, openBatchIn(here())!);
}

async function show(correlationId: string): Promise<void> {
  const drawer = frame(correlationId);
  const body = drawer.querySelector<HTMLElement>(".drawer-body")!;
  const { signal } = follow(drawer, correlationId);
  try {
    const page = await batchPage(pageOf(correlationId), signal);
    if (signal.aborted) return;
    body.replaceChildren(page.getElementById(BATCH_ID)!);
    drawer.dataset["follow"] = page.getElementById("main")?.dataset["follow"] ?? "";
  } catch (error) {
    if (signal.aborted) return;
    body.textContent = error instanceof Error ? error.message : String(error);
  }
  body.removeAttribute("aria-busy");
}

function pageOf(correlationId: string): string {
  return ownPage(here(), correlationId, document.getElementById("main")?.dataset["drawer"] ?? "");
}

/** @throws Error with a sentence for the reader */
async function batchPage(address: string, signal: AbortSignal): Promise<Document> {
  const answer = await fetch(address, { headers: { accept: "text/html" }, signal }).catch((error: unknown) => {
    throw signal.aborted ? error : new Error("The server does not answer: its page can be tried later.");
  });
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  if (page.getElementById(BATCH_ID) !== null) return page;
  const told = page.querySelector("#main p")?.textContent.trim();
  throw new Error(answer.ok || !told ? "The batch cannot be shown here: open its page." : told);
}

/** The drawer with nothing in it yet; the one that is there is used again. */
function frame(correlationId: string): HTMLElement {
  const drawer = drawerNow() ?? document.createElement("div");
  const isPast = document.getElementById("main")?.classList.contains("past") === true;
  drawer.id = DRAWER_ID;
  drawer.className = isPast ? "drawer past" : "drawer";
  drawer.setAttribute("role", "dialog");
  drawer.setAttribute("aria-labelledby", TITLE_ID);
  drawer.innerHTML =
    `<div class="drawer-head">${drawerHead({ correlationId, pageHref: pageOf(correlationId), closeHref: withoutDrawer(here()) })}</div>` +
    `<div class="drawer-body" aria-busy="true"><p class="muted">Reading it …</p></div>`;
  if (!drawer.isConnected) document.getElementById("main")!.after(drawer);
  delete drawer.dataset["follow"];
  drawer.scrollTop = 0;
  document.getElementById(TITLE_ID)!.focus({ preventScroll: true });
  return drawer;
}

function hide(): void {
  leaving?.abort();
  leaving = null;
  drawerNow()?.remove();
  (pickedRow()?.querySelector<HTMLElement>("a") ?? document.getElementById("main"))?.focus({ preventScroll: true });
}

/** Keeps what is open as it is now, until another is opened or it is closed. */
function follow(drawer: HTMLElement, correlationId: string): AbortController {
  leaving?.abort();
  leaving = new AbortController();
  const { signal } = leaving;
  const parts = freshParts(drawer, { address: () => pageOf(correlationId) });
  signal.addEventListener("abort", () => parts.close());
  drawer.addEventListener("click", onClick, { signal });
  onDelta(drawer, parts, signal);
  if (!isListening) window.addEventListener("popstate", onMove);
  isListening = true;
  return leaving;
}

function onClick(event: Event): void {
  const { target } = event;
  const close = (target as Element).closest("[data-close]");
  const text = (target as Element).closest<HTMLElement>("[data-copy]")?.dataset["copy"];
  if (text !== undefined) void copyText(text, "the error");
  if (close === null || (event as MouseEvent).ctrlKey || (event as MouseEvent).metaKey) return;
  event.preventDefault();
  closeDrawer();
}

/** Written anew when an event of the batch changed, and once a minute, because work under way takes longer. */
function onDelta(drawer: HTMLElement, parts: FreshParts, signal: AbortSignal): void {
  const specNow = (): ConcernSpec | null =>
    drawer.dataset["follow"] ? (JSON.parse(drawer.dataset["follow"]) as ConcernSpec) : null;
  const onOne = (event: Event) => {
    const spec = specNow();
    const { topic, delta } = (event as CustomEvent<DeltaDetail>).detail;
    if (spec?.topic === topic && concerns(delta, spec)) parts.changed();
  };
  document.addEventListener(DELTA_EVENT, onOne, { signal });
  const clock = setInterval(() => {
    if (!document.hidden && specNow() !== null) parts.changed();
  }, CLOCK_MS);
  signal.addEventListener("abort", () => clearInterval(clock));
}

/** Back and forward between addresses of one list. */
function onMove(): void {
  const open = openBatchIn(here());
  if (open !== null) void show(open);
  else if (drawerNow() !== null) hide();
}
