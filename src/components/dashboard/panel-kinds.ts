/** The kinds of panels by name, without the validation that only servers need. */
import type { PanelKind as Kind } from "~/model/dashboard";

export type PanelKind = Kind;

export const KIND_NAMES: Readonly<Record<PanelKind, string>> = {
  counts: "Counts",
  table: "Table",
  problems: "Problems",
  pipelines: "Pipelines",
  chart: "Chart",
  note: "Note",
};

export const PANEL_KINDS = Object.keys(KIND_NAMES) as PanelKind[];
