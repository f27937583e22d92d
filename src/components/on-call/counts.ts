/** The numbers at the top of the page: each of them is a link to the list that it counts. Pure. */
import type { StatusCounts } from "~/model/delta";
import { HEALTH_STATES, type HealthState } from "~/model/pipeline-health";
import type { Problem } from "~/model/problem";
import { isNew } from "./problem-order";
import type { Judged } from "./pipeline-order";

export interface OnCallCounts {
  /** Pipelines per state. */
  states: Readonly<Record<HealthState, number>>;
  /** Of the failing pipelines, those of which every failure is new. */
  newlyFailing: number;
}

/** @param problems unrecovered ones @param now epoch ms */
export function countOnCall(pipelines: readonly Judged[], problems: readonly Problem[], now: number): OnCallCounts {
  const states = Object.fromEntries(HEALTH_STATES.map((state) => [state, 0])) as Record<HealthState, number>;
  const failing = new Set<string>();
  for (const { facts, health } of pipelines) {
    states[health.state]++;
    if (health.state === "failing") failing.add(facts.pipelineName);
  }
  const known = new Set<string>();
  const fresh = new Set<string>();
  for (const problem of problems) {
    if (problem.state !== "failing" || !failing.has(problem.pipelineName)) continue;
    (isNew(problem, now) ? fresh : known).add(problem.pipelineName);
  }
  return { states, newlyFailing: [...fresh].filter((name) => !known.has(name)).length };
}

export interface DayCounts {
  done: number;
  failed: number;
  /** Of what ended, the share that was done, 0 to 1; null while nothing has ended. */
  rate: number | null;
}

/** Of events of the last 24 hours per status, as the feed counts them. */
export function countDay(day: Readonly<Record<string, number>>): DayCounts {
  const done = day["COMPLETED"] ?? 0;
  const failed = day["FAILED"] ?? 0;
  return { done, failed, rate: done + failed === 0 ? null : done / (done + failed) };
}

/**
 * Of how many events the counts of a day are, where the hot window holds no whole day; else null.
 *
 * @param hotRows what the window holds at most
 */
export function dayCutAt({ window, day }: StatusCounts, hotRows: number): number | null {
  const held = sum(window);
  return held >= hotRows && sum(day) === held ? held : null;
}

const sum = (counts: Readonly<Record<string, number>>): number => Object.values(counts).reduce((all, n) => all + n, 0);

/** Never 100 % while anything failed, never 0 % while anything was done: `99.2 %`. */
export function rateText({ done, failed, rate }: DayCounts): string {
  if (rate === null) return "";
  const percent = rate * 100;
  if (failed === 0 || done === 0) return `${percent} %`;
  return `${Math.min(99.9, Math.max(0.1, percent)).toFixed(1)} %`;
}
