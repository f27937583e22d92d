/**
 * Arranging the panels of a dashboard in the browser: by keyboard, by pointer, and by the same buttons that work without script.
 * Every change is shown at once and saved behind it, one after the other, each with the revision that the one before made.
 * Framework-neutral; it keeps no copy of what panels show.
 */
import {
  COLUMNS,
  put,
  resize,
  samePlaces,
  settle,
  step,
  type Direction,
  type Place,
  type Placed,
} from "~/model/dashboard-grid";
import type { DashboardFollow } from "~/web/pages/dashboard/dashboard-page";
import { elementOf, fetchPanels, panelElements, refresh, sentenceOf } from "./fresh-panels";

export interface ArrangerParts {
  grid: HTMLElement;
  follow: DashboardFollow;
  /** Says it to those who do not see it. */
  announce: (text: string) => void;
  /** Something could not be saved. @param isConflict somebody else changed it */
  onTrouble: (text: string, isConflict: boolean) => void;
  /** There is something to undo, or no longer. */
  onUndo: (text: string | null) => void;
  /** The set of panels changed, and with it what is followed. */
  onTopics: (topics: DashboardFollow["topics"]) => void;
}

/** The members of a layout that are changed here; the rest travels along. */
interface LayoutPanel extends Placed {
  [member: string]: unknown;
}
interface KeptLayout {
  schemaVersion: number;
  panels: LayoutPanel[];
}

const ARROWS: Readonly<Record<string, Direction>> = {
  ArrowLeft: "left",
  ArrowRight: "right",
  ArrowUp: "up",
  ArrowDown: "down",
};
const SIZES: Readonly<Record<string, readonly [w: number, h: number]>> = {
  left: [-1, 0],
  right: [1, 0],
  up: [0, -1],
  down: [0, 1],
};
const BUTTON_SIZES: Readonly<Record<string, Direction>> = {
  narrower: "left",
  wider: "right",
  shorter: "up",
  taller: "down",
};
/** Requests that outlive their page may carry no more than this. */
const KEEPALIVE_BYTES = 60_000;

export class Arranger {
  readonly #parts: ArrangerParts;
  readonly #address: string;
  #layout: KeptLayout | null = null;
  #revision: number;
  #before: { layout: KeptLayout; what: string } | null = null;
  /** Ends when all that was changed is saved. */
  #saving: Promise<void> = Promise.resolve();
  #savedLayout: KeptLayout | null = null;
  #isRefused = false;
  #topics: DashboardFollow["topics"];

  constructor(parts: ArrangerParts) {
    this.#parts = parts;
    this.#revision = parts.follow.revision;
    this.#topics = parts.follow.topics;
    this.#address = `/api/v1/dashboards/${parts.follow.id}`;
  }

  /** @returns whether the key did something here */
  key(event: KeyboardEvent): boolean {
    if (event.key.toLowerCase() === "z" && (event.ctrlKey || event.metaKey)) return this.#later(() => this.undo());
    const panel = event.target as HTMLElement;
    const id = panel.dataset["panel"];
    if (id === undefined || event.ctrlKey || event.metaKey || event.altKey) return false;
    const direction = ARROWS[event.key];
    if (direction) return this.#later(() => (event.shiftKey ? this.#size(id, direction) : this.#move(id, direction)));
    if (event.key === "Delete" || event.key === "Backspace") return this.#later(() => this.#remove(id));
    if (event.key !== "Enter") return false;
    panel.querySelector<HTMLAnchorElement>("a[data-edit]")?.click();
    return true;
  }

  /** A button of a panel's tools. @returns whether it is done here and not by the server */
  button(id: string, act: string): boolean {
    const size = BUTTON_SIZES[act];
    if (size) return this.#later(() => this.#size(id, size));
    if (act === "remove") return this.#later(() => this.#remove(id));
    return this.#later(() => this.#move(id, act as Direction));
  }

  /** A panel of a kind, where there is room. */
  async add(form: HTMLFormElement, kind: string): Promise<void> {
    await this.#saving;
    const before = await this.#loaded();
    if (before === null) return;
    const body = new URLSearchParams([["do", "add"], ["kind", kind], ["revision", String(this.#revision)]]); // prettier-ignore
    const answer = await fetch(form.action, { method: "POST", body, headers: { accept: "application/json" } });
    // It leads to the page as it is now; a refusal is a page that says why.
    if (!answer.ok) return location.assign(`${location.pathname}?arrange`);
    await this.#sync();
    const known = new Set(before.panels.map((panel) => panel.id));
    const added = this.#layout?.panels.find((panel) => !known.has(panel.id));
    if (!added) return;
    this.#remember(before, `adding ${this.#title(added.id)}`);
    this.#element(added.id)?.focus();
    this.#say(`Added ${this.#title(added.id)}`, added.id);
  }

  async undo(): Promise<void> {
    if (this.#before === null) return this.#parts.announce("There is nothing to undo.");
    const { layout, what } = this.#before;
    this.#remember(null);
    this.#layout = layout;
    for (const panel of panelElements(this.#parts.grid))
      if (!layout.panels.some(({ id }) => id === panel.dataset["panel"])) panel.remove();
    this.#show(layout.panels);
    this.#save();
    await this.#saving;
    await this.#fetchMissing();
    this.#parts.announce(`Undone: ${what}.`);
  }

  /** Resolves when everything is kept. */
  get saved(): Promise<void> {
    return this.#saving;
  }

  /** The pointer took a panel by its head, or by its corner to resize it. */
  async drag(event: PointerEvent, id: string, isResize: boolean): Promise<void> {
    const layout = await this.#loaded();
    const start = layout?.panels.find((panel) => panel.id === id)?.place;
    const element = this.#element(id);
    if (!layout || !start || !element) return;
    const { grid } = this.#parts;
    const style = getComputedStyle(grid);
    const gap = parseFloat(style.columnGap);
    const columnPx = (grid.clientWidth + gap) / COLUMNS;
    const rowPx = parseFloat(style.gridAutoRows) + gap;
    let next = layout.panels;
    element.setAttribute("data-held", "");
    const move = (moved: PointerEvent) => {
      const dx = Math.round((moved.pageX - event.pageX) / columnPx);
      const dy = Math.round((moved.pageY - event.pageY) / rowPx);
      const place: Place = isResize
        ? { ...start, w: Math.min(start.w + dx, COLUMNS - start.x), h: start.h + dy }
        : { ...start, x: Math.min(Math.max(start.x + dx, 0), COLUMNS - start.w), y: Math.max(start.y + dy, 0) };
      next = put(layout.panels, id, place);
      this.#paint(next);
    };
    const end = (kept: boolean) => {
      controller.abort();
      element.removeAttribute("data-held");
      if (kept && !samePlaces(next, layout.panels)) this.#change(next, id, `moving ${this.#title(id)}`);
      else this.#paint(layout.panels);
    };
    const controller = new AbortController();
    const { signal } = controller;
    document.addEventListener("pointermove", move, { signal });
    document.addEventListener("pointerup", () => end(true), { signal });
    document.addEventListener("pointercancel", () => end(false), { signal });
    document.addEventListener("keydown", (pressed) => pressed.key === "Escape" && end(false), { signal });
  }

  #later(work: () => void | Promise<void>): true {
    void this.#loaded().then(async (layout) => layout && (await work()));
    return true;
  }

  /** The layout that is changed. @returns null after telling why there is none */
  async #loaded(): Promise<KeptLayout | null> {
    if (this.#isRefused) return null;
    if (this.#layout !== null) return this.#layout;
    const answer = await fetch(this.#address);
    if (!answer.ok) return this.#refuse(await sentenceOf(answer), false);
    const { layout, revision, updatedBy } = (await answer.json()) as {
      layout: KeptLayout;
      revision: number;
      updatedBy: { name: string };
    };
    if (revision !== this.#revision)
      return this.#refuse(`${updatedBy.name} changed this dashboard after you loaded it.`, true);
    return (this.#layout ??= this.#savedLayout = layout);
  }

  #refuse(text: string, isConflict: boolean): null {
    this.#isRefused ||= isConflict;
    this.#parts.onTrouble(text, isConflict);
    return null;
  }

  #move(id: string, direction: Direction): void {
    const next = step(this.#layout!.panels, id, direction);
    if (next === null) this.#parts.announce(`There is no more room ${ROOM[direction]}.`);
    else this.#change(next, id, `moving ${this.#title(id)}`);
  }

  #size(id: string, direction: Direction): void {
    const next = resize(this.#layout!.panels, id, ...SIZES[direction]!);
    if (next === null) this.#parts.announce("It has the least or the greatest size.");
    else this.#change(next, id, `resizing ${this.#title(id)}`);
  }

  #remove(id: string): void {
    const title = this.#title(id);
    const elements = panelElements(this.#parts.grid);
    const at = elements.findIndex((panel) => panel.dataset["panel"] === id);
    const next = settle(this.#layout!.panels.filter((panel) => panel.id !== id));
    this.#change(next, null, `removing ${title}`);
    elements[at]?.remove();
    const left = panelElements(this.#parts.grid);
    (left[Math.min(at, left.length - 1)] ?? this.#parts.grid).focus();
    this.#retarget();
    this.#parts.announce(`Removed ${title}. Undo brings it back.`);
  }

  #change(panels: LayoutPanel[], id: string | null, what: string): void {
    this.#remember(this.#layout, what);
    this.#layout = { ...this.#layout!, panels };
    this.#show(panels);
    if (id !== null) this.#say(this.#title(id), id);
    this.#save();
  }

  #remember(layout: KeptLayout | null, what = ""): void {
    this.#before = layout && { layout, what };
    this.#parts.onUndo(layout && what);
  }

  /** One save at a time, always of the newest layout. */
  #save(): void {
    this.#saving = this.#saving.then(async () => {
      const layout = this.#layout!;
      if (layout === this.#savedLayout || this.#isRefused) return;
      const body = JSON.stringify({ revision: this.#revision, layout });
      const headers = { "content-type": "application/json" };
      try {
        const keepalive = body.length < KEEPALIVE_BYTES;
        const answer = await fetch(this.#address, { method: "PATCH", body, headers, keepalive });
        if (!answer.ok) return void this.#refuse(await sentenceOf(answer), answer.status === 409);
        this.#revision = ((await answer.json()) as { revision: number }).revision;
        this.#savedLayout = layout;
      } catch (error) {
        this.#refuse(
          `What you changed is not kept yet: ${(error as Error).message}. The next change tries again.`,
          false,
        );
      }
    });
  }

  #show(panels: readonly Placed[]): void {
    this.#paint(panels);
    const { grid } = this.#parts;
    const order = [...panels].sort((a, b) => a.place.y - b.place.y || a.place.x - b.place.x);
    const elements = order.flatMap(({ id }) => this.#element(id) ?? []);
    if (panelElements(grid).every((element, i) => element === elements[i])) return;
    // Reading order is the order of the document; what is moved in it loses its focus.
    const focused = document.activeElement as HTMLElement | null;
    grid.append(...elements);
    if (focused && grid.contains(focused)) focused.focus({ preventScroll: true });
  }

  #paint(panels: readonly Placed[]): void {
    for (const { id, place } of panels) {
      const element = this.#element(id);
      if (!element) continue;
      const values = { "--x": place.x + 1, "--y": place.y + 1, "--w": place.w, "--h": place.h };
      for (const [name, value] of Object.entries(values)) element.style.setProperty(name, String(value));
      element.dataset["place"] = `${place.x} ${place.y} ${place.w} ${place.h}`;
    }
  }

  /** Everything as the server has it. */
  async #sync(): Promise<void> {
    this.#layout = null;
    const { follow, panels } = await fetchPanels(this.#parts.follow, null);
    this.#revision = follow.revision;
    for (const { id, html } of panels) {
      const known = this.#element(id);
      if (known) refresh(known, elementOf(html));
      else this.#parts.grid.append(elementOf(html));
    }
    this.#learn(follow.topics);
    const layout = await this.#loaded();
    if (layout) this.#show(layout.panels);
  }

  /** Panels that came back have to be rendered. */
  async #fetchMissing(): Promise<void> {
    const missing = this.#layout!.panels.filter(({ id }) => !this.#element(id)).map(({ id }) => id);
    if (missing.length > 0 && !this.#isRefused) {
      const { follow, panels } = await fetchPanels(this.#parts.follow, missing);
      for (const { html } of panels) this.#parts.grid.append(elementOf(html));
      this.#learn(follow.topics);
      this.#show(this.#layout!.panels);
    }
    this.#retarget();
  }

  #learn(topics: DashboardFollow["topics"]): void {
    const known = new Set(this.#topics.map(({ topic }) => topic));
    this.#topics = [...this.#topics, ...topics.filter(({ topic }) => !known.has(topic))];
    this.#retarget();
  }

  /** Follows what is shown and nothing else. */
  #retarget(): void {
    const shown = new Set(panelElements(this.#parts.grid).map((panel) => panel.dataset["topic"]));
    this.#topics = this.#topics.filter(({ topic }) => shown.has(topic));
    this.#parts.onTopics(this.#topics);
  }

  #element(id: string): HTMLElement | null {
    return document.getElementById(`panel-${id}`);
  }

  #title(id: string): string {
    return document.getElementById(`title-${id}`)?.textContent ?? id;
  }

  #say(what: string, id: string): void {
    const place = this.#layout?.panels.find((panel) => panel.id === id)?.place;
    if (place)
      this.#parts.announce(`${what}: column ${place.x + 1}, row ${place.y + 1}, ${place.w} wide, ${place.h} high.`);
  }
}

const ROOM: Readonly<Record<Direction, string>> = {
  left: "to the left",
  right: "to the right",
  up: "above",
  down: "below",
};
