/** What people do to a layout, as pure functions: the page without script, the page with it and the tests share them. */
import { AppError } from "./app-error";
import { KIND_NAMES, MAX_PANELS, type Layout, type Panel, type PanelKind, type PanelOf } from "./dashboard";
import { freeRow, settle } from "./dashboard-grid";

/** What a new panel is about until somebody says otherwise. */
export interface PanelDefaults {
  feed: string;
  /** Field that a chart is divided by; null where the feed has no status. */
  status: string | null;
  /** Names of the derived views of the feed; null where it has none. */
  problems: string | null;
  pipelines: string | null;
}

const SIZES: Readonly<Record<PanelKind, { w: number; h: number }>> = {
  counts: { w: 12, h: 2 },
  table: { w: 12, h: 6 },
  problems: { w: 6, h: 5 },
  pipelines: { w: 6, h: 5 },
  chart: { w: 6, h: 5 },
  note: { w: 4, h: 4 },
};

export function defaultSettings<K extends PanelKind>(kind: K, defaults: PanelDefaults): PanelOf<K>["settings"];
export function defaultSettings(kind: PanelKind, { feed, status, ...views }: PanelDefaults): Panel["settings"] {
  switch (kind) {
    case "counts":
      return { feed, filter: "" };
    case "table":
      return { source: `feeds/${feed}`, filter: "", columns: [], rows: 20 };
    case "problems":
      return { view: views.problems ?? "problems", filter: "state!=recovered", rows: 10 };
    case "pipelines":
      return { view: views.pipelines ?? "pipelines", filter: "", rows: 10 };
    case "chart":
      return { feed, filter: "", measure: "count", field: null, by: status, span: "24h" };
    case "note":
      return { text: "" };
  }
}

/** @throws AppError conflict when it is full */
export function addPanel(layout: Layout, kind: PanelKind, defaults: PanelDefaults): { layout: Layout; id: string } {
  if (layout.panels.length >= MAX_PANELS)
    throw new AppError("conflict", `A dashboard has at most ${MAX_PANELS} panels: remove one first.`);
  const id = freeId(layout, kind);
  const place = { x: 0, y: freeRow(layout.panels), ...SIZES[kind] };
  const panel = { id, kind, title: "", place, settings: defaultSettings(kind, defaults) } as Panel;
  return { layout: { ...layout, panels: settle([...layout.panels, panel]) }, id };
}

function freeId({ panels }: Layout, kind: PanelKind): string {
  const taken = new Set(panels.map(({ id }) => id));
  for (let n = 1; ; n++) if (!taken.has(`${kind}-${n}`)) return `${kind}-${n}`;
}

/** @throws AppError not-found */
export function removePanel(layout: Layout, id: string): Layout {
  panelOf(layout, id);
  return { ...layout, panels: settle(layout.panels.filter((panel) => panel.id !== id)) };
}

/** @param given title and settings, not checked yet @throws AppError not-found */
export function editPanel(layout: Layout, id: string, given: { title: string; settings: unknown }): unknown {
  panelOf(layout, id);
  return { ...layout, panels: layout.panels.map((panel) => (panel.id === id ? { ...panel, ...given } : panel)) };
}

/** @throws AppError not-found */
export function panelOf({ panels }: Layout, id: string): Panel {
  const panel = panels.find((one) => one.id === id);
  if (panel) return panel;
  const known = panels.length === 0 ? "it has none" : `there are ${panels.map((one) => one.id).join(", ")}`;
  throw new AppError("not-found", `The dashboard has no panel ${JSON.stringify(id.slice(0, 100))}: ${known}.`);
}

export const titleOf = ({ title, kind }: Pick<Panel, "title" | "kind">): string =>
  title.trim() === "" ? KIND_NAMES[kind] : title;
