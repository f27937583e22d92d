/**
 * The command palette: type, choose with the arrow keys, Enter. A native modal dialog with an ARIA combobox, built on first use
 * of text nodes alone (invariant 8). It keeps no state between two openings but the dialog itself.
 */
import type { Destination } from "./destination";
import { askDestinations, ownDestinations, typedDestinations } from "./destinations";
import style from "./palette.css?inline";
import { ranked } from "./rank";

interface Palette {
  dialog: HTMLDialogElement;
  open(): void;
}

let palette: Palette | null = null;

export function togglePalette(): void {
  palette ??= createPalette();
  if (palette.dialog.open) palette.dialog.close();
  else palette.open();
}

const LIST = "palette-list";
const optionId = (i: number) => `palette-option-${i}`;

function createPalette(): Palette {
  const { dialog, field, list, count } = createParts();
  let all: Destination[] = [];
  let shown: Destination[] = [];
  let at = 0;
  let asking = new AbortController();

  const point = (to: number) => {
    at = shown.length === 0 ? 0 : (to + shown.length) % shown.length;
    for (const option of list.querySelectorAll("[role=option]"))
      option.setAttribute("aria-selected", option.id === optionId(at) ? "true" : "false");
    if (shown.length > 0) field.setAttribute("aria-activedescendant", optionId(at));
    else field.removeAttribute("aria-activedescendant");
    document.getElementById(optionId(at))?.scrollIntoView({ block: "nearest" });
  };
  const show = () => {
    shown = [...ranked(all, field.value), ...typedDestinations(field.value)];
    list.replaceChildren(...groupsOf(shown));
    count.textContent = `${shown.length} ${shown.length === 1 ? "place" : "places"}`;
    point(0);
  };
  const go = (index: number) => {
    const chosen = shown[index];
    if (chosen === undefined) return;
    dialog.close();
    if (chosen.act) chosen.act();
    else if (chosen.href !== null) location.assign(chosen.href);
  };
  const MOVES: Readonly<Record<string, () => void>> = {
    ArrowDown: () => point(at + 1),
    ArrowUp: () => point(at - 1),
    PageDown: () => point(Math.min(at + 8, shown.length - 1)),
    PageUp: () => point(Math.max(at - 8, 0)),
    Enter: () => go(at),
  };

  field.addEventListener("input", show);
  field.addEventListener("keydown", (event) => {
    const move = MOVES[event.key];
    if (move === undefined || event.isComposing) return;
    event.preventDefault();
    move();
  });
  list.addEventListener("click", (event) => {
    const option = (event.target as Element).closest("[role=option]");
    if (option) go(Number(option.id.slice(optionId(0).length - 1)));
  });
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog) dialog.close(); // outside of it
  });
  dialog.addEventListener("close", () => asking.abort());

  return {
    dialog,
    open() {
      asking = new AbortController();
      all = ownDestinations();
      field.value = "";
      dialog.showModal();
      show();
      void askDestinations((found) => {
        all = [...all, ...found];
        const kept = at;
        show();
        point(Math.min(kept, shown.length - 1));
      }, asking.signal);
    },
  };
}

function createParts() {
  const dialog = document.createElement("dialog");
  dialog.className = "palette";
  dialog.setAttribute("aria-label", "Go to");
  const sheet = document.createElement("style");
  sheet.textContent = style;
  const field = document.createElement("input");
  const about = {
    type: "text",
    role: "combobox",
    "aria-expanded": "true",
    "aria-controls": LIST,
    "aria-autocomplete": "list",
    "aria-label": "Page, pipeline, problem, batch id, view, time",
    placeholder: "Page, pipeline, problem, batch id, view, -2h …",
    autocomplete: "off",
    spellcheck: "false",
  };
  for (const [name, value] of Object.entries(about)) field.setAttribute(name, value);
  const list = document.createElement("div");
  list.id = LIST;
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", "Places");
  const count = document.createElement("p");
  count.className = "quiet";
  count.setAttribute("role", "status");
  const foot = document.createElement("p");
  foot.className = "palette-foot";
  foot.textContent = "↑ ↓ to choose, Enter to go, Esc to close";
  dialog.append(sheet, field, list, count, foot);
  document.body.append(dialog);
  return { dialog, field, list, count };
}

/** One group after the other, each with its heading. */
function groupsOf(shown: readonly Destination[]): HTMLElement[] {
  const groups = new Map<string, HTMLElement>();
  for (const [i, { group, label, detail }] of shown.entries()) {
    const box = groups.get(group) ?? groupBox(group, groups.size);
    groups.set(group, box);
    const option = document.createElement("div");
    option.id = optionId(i);
    option.setAttribute("role", "option");
    option.setAttribute("aria-selected", "false");
    option.append(span("palette-label", label), span("muted small", detail));
    box.append(option);
  }
  return [...groups.values()];
}

function groupBox(name: string, index: number): HTMLElement {
  const box = document.createElement("div");
  const id = `palette-group-${index}`;
  box.setAttribute("role", "group");
  box.setAttribute("aria-labelledby", id);
  const heading = span("palette-group", name);
  heading.id = id;
  heading.setAttribute("role", "presentation");
  box.append(heading);
  return box;
}

function span(name: string, text: string): HTMLSpanElement {
  const made = document.createElement("span");
  made.className = name;
  made.textContent = text;
  return made;
}
