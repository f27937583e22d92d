/**
 * Keys before the framework's code is there. Ctrl+K or ⌘K (a browser's address bar) and `/` (its quick search) are ours, which is
 * said here because later is too late. And the order of the keys, and which one follows a `g`: where the code is still coming for the
 * first key, the framework's answer to the second may be earlier.
 */

/** Key presses in their order, until they are answered (`keys.ts`). */
export interface PressedKeys {
  weirKeys?: MarkedKey[];
}

/** A key press that may follow a `g`. */
export interface MarkedKey extends KeyboardEvent {
  /** The key before it was a `g`, which it goes with. */
  isSecond?: boolean;
  /** Something lay over the page that closes by itself. */
  isOfPopover?: boolean;
}

/** Travels as text: it must use nothing from outside itself. */
export function takeKeys(paletteEvent: string): void {
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
}

/** Keeps the keys in their order, and marks those that follow a `g`. Travels as text. */
export function keepOrder(withinMs: number): void {
  /** When `g` was pressed, in the time of events; null = the next key stands for itself. */
  let firstAt: number | null = null;
  const MOST_KEPT = 32;
  const pressed: MarkedKey[] = ((window as PressedKeys).weirKeys = []);
  const mark = (event: MarkedKey): void => {
    if (pressed.push(event) > MOST_KEPT) pressed.shift();
    event.isOfPopover = CSS.supports("selector(:popover-open)") && document.querySelector(":popover-open") !== null;
    const isTyping = (event.target as Element).closest("input, textarea, select, [contenteditable]") !== null;
    if (isTyping || event.ctrlKey || event.metaKey || event.altKey || event.key === "Escape") return;
    event.isSecond = firstAt !== null && event.timeStamp - firstAt < withinMs;
    firstAt = event.key === "g" && !event.isSecond ? event.timeStamp : null;
  };
  window.addEventListener("keydown", mark, true);
}
