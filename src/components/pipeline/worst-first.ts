/** The order in which an operator looks at pipelines: what fails, then what does not do as it should, then what is at work. */
import type { PipelineState, PipelineSummary } from "~/model/pipeline";
import { compareText } from "~/model/value";
import type { Tone } from "../ui/tone";

export const PIPELINE_STATES: readonly PipelineState[] = ["failing", "retrying", "running", "ok"];

export const STATE_TONE: Readonly<Record<PipelineState, Tone>> = {
  failing: "bad",
  retrying: "wait",
  running: "run",
  ok: "ok",
};

/** Among equals the one with more failures among its last batches, then the one that began last, then by name. */
export const worstFirst = (a: PipelineSummary, b: PipelineSummary): number =>
  PIPELINE_STATES.indexOf(a.state) - PIPELINE_STATES.indexOf(b.state) ||
  b.failed - a.failed ||
  b.lastStartedAt - a.lastStartedAt ||
  compareText(a.pipelineName, b.pipelineName);
