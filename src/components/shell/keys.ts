/**
 * What keys do, on whatever page. A page says what it has: an element with `data-key="t"` (or `aria-keyshortcuts="t"`) is clicked
 * by `t` (a field is focused, a `<summary>` opens and its first field is focused, a form's first field is focused),
 * `data-key="g p"` by `g` and then `p`. Inside a row such an element is of that row and answers when the row is picked.
 */
import { copyCell, copyError, copyRows, filterLike } from "./row-actions";
import type { MarkedKey, PressedKeys } from "./early-keys";
import { PALETTE_EVENT } from "./palette/palette-event";
import { closeBeside, openBeside } from "./beside";
import { chooseRow, letGo, moveCell, moveRow, openRow, pickedRow } from "./row-cursor";

/** Key presses that belong to a field, a menu or the browser are left alone; `/` was taken from the browser for us. */
const isOurs = (event: KeyboardEvent): boolean =>
  (!event.defaultPrevented || event.key === "/") &&
  !event.ctrlKey &&
  !event.metaKey &&
  !event.altKey &&
  !(event.target as Element).closest("input, textarea, select, [contenteditable], dialog[open]:not([popover])");

/** Answers a key, and before it those that were pressed earlier and whose answer is still on its way. */
export function handleKey(event: MarkedKey): void {
  const pressed = (window as PressedKeys).weirKeys ?? [event];
  for (const one of pressed.splice(0, pressed.indexOf(event) + 1)) answer(one);
}

function answer(event: MarkedKey): void {
  if (event.key === "Escape") return leave(event);
  if (!isOurs(event) || document.documentElement.dataset["keys"] === "off") return;
  if (act(event, withFirst(event))) event.preventDefault();
}

/** `p`, or `g p` soon after a `g`. */
const withFirst = ({ key, isSecond }: MarkedKey): string => (isSecond === true ? `g ${key}` : key);

/** @returns whether it did something */
function act(event: KeyboardEvent, keys: string): boolean {
  // What lies over all of the page keeps its keys from it.
  if (document.getElementById("main")?.inert === true) return false;
  if (keys === "Enter" && (event.target as Element).closest("a, button, summary") !== null) return false;
  const row = pickedRow();
  const ofRow = row && findKey(row, keys);
  if (ofRow) return press(ofRow);
  if (ROW_ACTS[keys]?.() === true) return true;
  const ofPage = pageKey(keys);
  return ofPage === null ? (ELSE[keys]?.() ?? false) : press(ofPage);
}

const ROW_ACTS: Readonly<Record<string, () => boolean>> = {
  j: () => moveRow(1),
  k: () => moveRow(-1),
  ArrowRight: () => moveCell(1),
  ArrowLeft: () => moveCell(-1),
  o: () => openBeside() || openRow(),
  Enter: openRow,
  x: chooseRow,
  c: copyRows,
  v: copyCell,
  e: copyError,
  f: () => filterLike(false),
  "!": () => filterLike(true),
};

/** What a button of the row bar does: the same as its key. */
export const actOnRow = (keys: string): void => void ROW_ACTS[keys]?.();

/** Where no element of the page names the key. */
const ELSE: Readonly<Record<string, () => boolean>> = {
  "/": () => focusOn("search") || openPalette(),
  "?": () => toggleHelp(),
  t: () => openDetails(document.querySelector("#travel")),
  p: () => pressId("pause"),
};

const KEYED = "[data-key], [aria-keyshortcuts]";

const findKey = (root: ParentNode, keys: string): HTMLElement | null =>
  [...root.querySelectorAll<HTMLElement>(KEYED)].find((element) => isPressable(element, keys)) ?? null;

const isPressable = (element: HTMLElement, keys: string): boolean =>
  (element.dataset["key"] ?? element.getAttribute("aria-keyshortcuts")) === keys &&
  !element.matches(":disabled") &&
  element.closest("[hidden]") === null;

/** What the page itself offers for a key: not what belongs to one row of many. */
export const pageKey = (keys: string): HTMLElement | null =>
  [...document.querySelectorAll<HTMLElement>(KEYED)].find(
    (element) => isPressable(element, keys) && element.closest("[data-row]") === null,
  ) ?? null;

function press(element: HTMLElement): boolean {
  const isA = (selector: string): boolean => element.matches(selector);
  if (isA("input, select, textarea")) return focusField(element as HTMLInputElement);
  if (isA("form")) return focusFirst(element);
  if (isA("summary")) return openDetails(element.parentElement as HTMLDetailsElement);
  element.click();
  return true;
}

const FIELDS = "input:not([type=hidden]), select, textarea, a[href], button";

function focusFirst(root: ParentNode): boolean {
  const fields = [...root.querySelectorAll<HTMLInputElement>(FIELDS)];
  const first = fields.find((field) => field.matches("input, select, textarea")) ?? fields[0];
  return first !== undefined && focusField(first);
}

function focusField(field: HTMLInputElement): boolean {
  field.closest("details")?.setAttribute("open", "");
  field.focus();
  if (typeof field.select === "function") field.select();
  return true;
}

function openDetails(details: HTMLDetailsElement | null): boolean {
  if (details === null) return false;
  details.open = true;
  const summary = details.querySelector("summary");
  const rest = [...details.children].filter((child) => child !== summary);
  if (!rest.some((child) => focusFirst(child))) summary?.focus();
  return true;
}

function leave(event: MarkedKey): void {
  const target = event.target as HTMLElement;
  const open =
    target.closest<HTMLDetailsElement>("details.travel[open]") ?? document.querySelector("details.travel[open]");
  if (open) {
    (open as HTMLDetailsElement).open = false;
    open.querySelector("summary")?.focus();
  } else if (target.closest("input, select")) target.blur();
  else if (event.isOfPopover === true) return;
  else if (!closeBeside()) letGo();
}

function focusOn(id: string): boolean {
  const field = document.getElementById(id) as HTMLInputElement | null;
  if (field === null || field.closest("details:not([open])")) return false;
  return focusField(field);
}

/** A page without a search of its own is left for what is found anywhere. */
function openPalette(): boolean {
  document.dispatchEvent(new CustomEvent(PALETTE_EVENT));
  return true;
}

function toggleHelp(): boolean {
  const help = document.getElementById("help");
  help?.togglePopover();
  return help !== null;
}

function pressId(id: string): boolean {
  const button = document.getElementById(id);
  button?.click();
  return button !== null;
}
