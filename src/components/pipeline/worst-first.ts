/** The order in which an operator looks at pipelines: what fails, then what does not do as it should, then what is at work. */
import { HEALTH_STATES, type Health, type HealthState } from "~/model/pipeline-health";
import type { PipelineSummary } from "~/model/pipeline";
import { compareText } from "~/model/value";
import type { Tone } from "../ui/tone";

export const HEALTH_TONE: Readonly<Record<HealthState, Tone>> = {
  failing: "bad",
  lost: "bad",
  silent: "wait",
  retrying: "wait",
  late: "wait",
  slow: "wait",
  "few rows": "wait",
  running: "run",
  ok: "ok",
};

/** A pipeline and how it is at the page's time. */
export interface ShownPipeline {
  summary: PipelineSummary;
  health: Health;
}

/** Among equals the one with more failures in the window, then the one that began last, then by name. */
export const worstFirst = (a: ShownPipeline, b: ShownPipeline): number =>
  HEALTH_STATES.indexOf(a.health.state) - HEALTH_STATES.indexOf(b.health.state) ||
  b.summary.failed - a.summary.failed ||
  b.summary.lastStartedAt - a.summary.lastStartedAt ||
  compareText(a.summary.pipelineName, b.summary.pipelineName);
