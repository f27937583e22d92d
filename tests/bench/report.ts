/** What a bench says: a table for people, and one JSON object as the last line for programs. */
import os from "node:os";
import { pace } from "./machine";

/** Before anything is measured. */
const PACE_BEFORE = pace();

export interface Summary {
  n: number;
  min: number;
  median: number;
  p99: number;
  max: number;
}

/** One line of the table. `goal` is the greatest (or, with `atLeast`, the least) value that is still good. */
export interface Figure {
  what: string;
  unit: string;
  /** Several measurements, or one. */
  value: Summary | number | boolean;
  goal?: number | boolean;
  atLeast?: boolean;
  /** Which of a summary is held against the goal; the median unless told. */
  judged?: "median" | "p99" | "max";
}

export const round = (value: number): number =>
  Math.abs(value) >= 100 ? Math.round(value) : Math.round(value * 100) / 100;

/** Nearest-rank percentiles of at least one value. */
export function summarise(values: readonly number[]): Summary {
  if (values.length === 0) throw new Error("There is nothing to summarise: no measurement was made.");
  const sorted = values.toSorted((a, b) => a - b);
  const rank = (share: number) => round(sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)]!);
  return { n: sorted.length, min: rank(0), median: rank(0.5), p99: rank(0.99), max: rank(1) };
}

export function isMet({ value, goal, atLeast = false, judged = "median" }: Figure): boolean | null {
  if (goal === undefined) return null;
  if (typeof goal === "boolean") return value === goal;
  const measured = typeof value === "object" ? value[judged] : Number(value);
  return atLeast ? measured >= goal : measured <= goal;
}

const shown = (value: Figure["value"]): string[] =>
  typeof value === "object"
    ? [value.median, value.min, value.max, value.p99, value.n].map(String)
    : [typeof value === "number" ? String(round(value)) : value ? "yes" : "no", "", "", "", ""];

function goalText({ goal, atLeast, judged }: Figure): string {
  if (goal === undefined) return "";
  if (typeof goal === "boolean") return goal ? "yes" : "no";
  return `${judged && judged !== "median" ? `${judged} ` : ""}${atLeast ? "≥" : "≤"} ${goal}`;
}

/** Prints both, and says how busy and how fast the machine was: a figure from a busy machine is a bound, not a measurement. */
export function printReport(bench: string, figures: readonly Figure[], more: Record<string, unknown> = {}): void {
  const head = ["what", "unit", "median", "min", "max", "p99", "n", "goal", ""];
  const lines = figures.map((figure) => {
    const met = isMet(figure);
    return [
      figure.what,
      figure.unit,
      ...shown(figure.value),
      goalText(figure),
      met === null ? "" : met ? "ok" : "MISSED",
    ];
  });
  const widths = head.map((title, i) => Math.max(title.length, ...lines.map((line) => line[i]!.length)));
  const format = (cells: readonly string[]) =>
    cells.map((cell, i) => (i < 2 || i > 6 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!))).join("  ");
  console.log([format(head), ...lines.map(format)].map((line) => line.trimEnd()).join("\n"));
  const load = os.loadavg().map(round);
  const paceMs = [PACE_BEFORE, pace()].map(round);
  console.log(`\n${os.cpus().length} cores, load ${load.join(" ")}, Node ${process.version}`);
  console.log(`A fixed piece of work took ${paceMs.join(" ms before and ")} ms after.`);
  const named = figures.map((figure) => [figure.what, { ...strip(figure), met: isMet(figure) }] as const);
  console.log(
    JSON.stringify({ bench, at: new Date().toISOString(), load, paceMs, ...more, figures: Object.fromEntries(named) }),
  );
}

const strip = ({ what: _, ...rest }: Figure) => rest;

/** Progress, beside the report. */
export const say = (line: string): void => console.error(line);
