/**
 * The keys that a browser would take for itself: Ctrl+K or ⌘K (its address bar) and `/` (its quick search). The framework
 * answers after its code has come, which is too late to say that a key is ours; so this is a script of the document itself. It
 * also opens what was open when a reader comes Back, before the browser scrolls to where they were, and bounds how long an idle
 * browser is waited for. And it knows the order of the keys and which one follows a `g`: where the framework's code is still coming
 * for the first key, its answer to the second may be earlier.
 */
import { PALETTE_EVENT } from "./palette/palette-event";

/** The script's text; runs behind everything that it looks for. */
export const earlyScript = (): string =>
  `(${boundIdle.toString()})(${IDLE_WITHIN_MS});(${keepOrder.toString()})(${SECOND_KEY_MS});` +
  `(${early.toString()})(${JSON.stringify(PALETTE_EVENT)})`;

/** Key presses in their order, until they are answered (`keys.ts`). */
export interface PressedKeys {
  weirKeys?: MarkedKey[];
}

/** A key press that may follow a `g`. */
export interface MarkedKey extends KeyboardEvent {
  /** The key before it was a `g`, which it goes with. */
  isSecond?: boolean;
}

/** How long after the first key of two the second one counts, ms. */
const SECOND_KEY_MS = 1_500;

/** A page comes to life when the browser is idle, or after this long. */
const IDLE_WITHIN_MS = 500;

/**
 * The framework starts the live layer when the browser is idle, and gives no bound. After a click on a page whose code was
 * still on its way, Chromium was not idle until something else was drawn, and the page stood still. Travels as text.
 */
function boundIdle(timeout: number): void {
  const ask = window.requestIdleCallback?.bind(window);
  if (ask) window.requestIdleCallback = (then, options) => ask(then, { timeout, ...options });
}

/** Keeps the keys in their order, and marks those that follow a `g`. Travels as text. */
function keepOrder(withinMs: number): void {
  /** When `g` was pressed, in the time of events; null = the next key stands for itself. */
  let firstAt: number | null = null;
  const MOST_KEPT = 32;
  const pressed: MarkedKey[] = ((window as PressedKeys).weirKeys = []);
  const mark = (event: MarkedKey): void => {
    if (pressed.push(event) > MOST_KEPT) pressed.shift();
    const isTyping = (event.target as Element).closest("input, textarea, select, [contenteditable]") !== null;
    if (isTyping || event.ctrlKey || event.metaKey || event.altKey || event.key === "Escape") return;
    event.isSecond = firstAt !== null && event.timeStamp - firstAt < withinMs;
    firstAt = event.key === "g" && !event.isSecond ? event.timeStamp : null;
  };
  window.addEventListener("keydown", mark, true);
}

/** Travels as text: it must use nothing from outside itself. */
function early(paletteEvent: string): void {
  document.addEventListener("keydown", (event) => {
    const target = event.target as Element;
    const isTyping = target.closest("input, textarea, select, [contenteditable]") !== null;
    if ((event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey && event.key.toLowerCase() === "k") {
      event.preventDefault();
      document.dispatchEvent(new CustomEvent(paletteEvent));
    } else if (event.key === "/" && !isTyping && !event.ctrlKey && !event.metaKey && !event.altKey) {
      if (document.documentElement.dataset["keys"] !== "off") event.preventDefault();
    }
  });
  const KEPT = "weirOpen";
  const all = () => [...document.querySelectorAll<HTMLDetailsElement>("details[id]")];
  const state = (history.state ?? {}) as Record<string, unknown>;
  const kept = state[KEPT];
  if (Array.isArray(kept)) for (const one of all()) one.open = kept.includes(one.id);
  document.addEventListener(
    "toggle",
    (event) => {
      if (!(event.target instanceof HTMLDetailsElement) || event.target.id === "") return;
      const now = (history.state ?? {}) as Record<string, unknown>;
      const open = all().filter((one) => one.open);
      history.replaceState({ ...now, [KEPT]: open.map(({ id }) => id) }, "");
    },
    true,
  );
}
