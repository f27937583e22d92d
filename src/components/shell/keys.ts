/** What keys and the theme button do, on whatever page. One small script for both. Clicks on rows: `event-table/pick.ts`. */
import { THEME_COOKIE } from "./theme";

/** Key presses that belong to a field, a menu or the browser are left alone. */
const isOurs = (event: KeyboardEvent): boolean =>
  !event.defaultPrevented &&
  !event.ctrlKey &&
  !event.metaKey &&
  !event.altKey &&
  !(event.target as Element).closest("input, textarea, select, [contenteditable]");

export function handleKey(event: KeyboardEvent): void {
  if (event.key === "Escape") return leave(event);
  if (!isOurs(event) || document.documentElement.dataset["keys"] === "off") return;
  const act = ACTIONS[event.key];
  if (act?.(event) === true) event.preventDefault();
}

/** Each answers whether it did something. */
const ACTIONS: Readonly<Record<string, (event: KeyboardEvent) => boolean>> = {
  "/": () => focusOn("search") || focusOn("travel-at"),
  "?": () => toggleHelp(),
  t: () => openTravel(),
  p: () => press("pause"),
  j: () => moveRow(1),
  k: () => moveRow(-1),
  o: () => openRow(),
  Enter: (event) => (event.target as Element).closest("a, button, summary") === null && openRow(),
};

function leave(event: KeyboardEvent): void {
  const travel = document.querySelector<HTMLDetailsElement>("#travel[open]");
  if (travel) {
    travel.open = false;
    travel.querySelector("summary")?.focus();
  } else if ((event.target as Element).closest("input, select")) (event.target as HTMLElement).blur();
  else pickedRow()?.classList.remove("picked");
}

function focusOn(id: string): boolean {
  const field = document.getElementById(id) as HTMLInputElement | null;
  if (field === null || field.closest("details:not([open])")) return false;
  field.focus();
  field.select();
  return true;
}

function toggleHelp(): boolean {
  const help = document.getElementById("help");
  help?.togglePopover();
  return help !== null;
}

function openTravel(): boolean {
  const travel = document.getElementById("travel") as HTMLDetailsElement | null;
  if (travel === null) return false;
  travel.open = true;
  return focusOn("travel-at");
}

function press(id: string): boolean {
  const button = document.getElementById(id);
  button?.click();
  return button !== null;
}

const pickedRow = (): HTMLElement | null => document.querySelector("tr.picked");

function moveRow(by: 1 | -1): boolean {
  const rows = [...document.querySelectorAll<HTMLElement>("#rows tbody > tr")];
  if (rows.length === 0) return false;
  const old = pickedRow();
  const at = old === null ? (by === 1 ? 0 : rows.length - 1) : rows.indexOf(old) + by;
  const next = rows[Math.min(Math.max(at, 0), rows.length - 1)]!;
  old?.classList.remove("picked");
  next.classList.add("picked");
  const target = next.querySelector<HTMLElement>("a") ?? next;
  if (target === next) next.tabIndex = -1;
  target.focus({ preventScroll: true });
  next.scrollIntoView({ block: "nearest" });
  return true;
}

function openRow(): boolean {
  const link = pickedRow()?.querySelector<HTMLAnchorElement>("a[href]");
  if (!link) return false;
  location.assign(link.href);
  return true;
}

/** The theme changes in place; the server reads the cookie when it renders the next page. */
export function handleSubmit(event: Event): void {
  if ((event.target as Element).id !== "theme") return;
  const root = document.documentElement;
  const shown = root.dataset["theme"] ?? (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");
  const next = shown === "dark" ? "light" : "dark";
  root.dataset["theme"] = next;
  document.cookie = `${THEME_COOKIE}=${next}; Path=/; Max-Age=31536000; SameSite=Lax`;
}
