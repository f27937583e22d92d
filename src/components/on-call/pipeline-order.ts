/** Pipelines in the order in which an operator should look at them, or in one that they chose. Pure. */
import {
  healthOf,
  HEALTH_STATES,
  type Health,
  type HealthState,
  type ToldOfPipeline,
  type Trouble,
} from "~/model/pipeline-health";
import { compareText } from "~/model/value";
import type { PipelineFacts } from "./pipeline-facts";

export const PIPELINE_SORTS = ["worst", "name", "duration", "rows", "success"] as const;
export type PipelineSort = (typeof PIPELINE_SORTS)[number];

/** A pipeline and how it is at the moment that the page is of. */
export interface Judged {
  facts: PipelineFacts;
  health: Health;
}

/** @param now epoch ms. Health looks at nothing that the facts do not have, which their test shows. */
export const judge = (facts: PipelineFacts, trouble: Trouble | null, now: number): Judged => ({
  facts,
  health: healthOf(facts as ToldOfPipeline, trouble, now),
});

const RANK = Object.fromEntries(HEALTH_STATES.map((state, i) => [state, i])) as Record<HealthState, number>;

/** How much longer than usual the newest run took; 0 where that is not known. */
export const durationRatio = ({ nowDurationMs, usualDurationMs }: PipelineFacts): number =>
  nowDurationMs === null || usualDurationMs === null || usualDurationMs === 0 ? 0 : nowDurationMs / usualDurationMs;

/** How many rows of the usual number; infinite where that is not known. */
export const rowsRatio = ({ nowRows, usualRows }: PipelineFacts): number =>
  nowRows === null || usualRows === null || usualRows === 0 ? Infinity : Number(nowRows) / usualRows;

type Compare = (a: Judged, b: Judged) => number;

const compareNumbers = (a: number, b: number): number => (a < b ? -1 : a > b ? 1 : 0);
const byName: Compare = (a, b) => compareText(a.facts.pipelineName, b.facts.pipelineName);
/** The longest without success first, those that never had any before all. */
const bySuccess: Compare = (a, b) =>
  compareNumbers(a.facts.lastSuccessAt ?? -Infinity, b.facts.lastSuccessAt ?? -Infinity);
const byRank: Compare = (a, b) => RANK[a.health.state] - RANK[b.health.state];
/** Within trouble the one that is in it for less time comes first: it is the news. What runs well keeps its place. */
const bySince: Compare = (a, b) =>
  RANK[a.health.state] < RANK.running ? compareNumbers(b.health.since ?? 0, a.health.since ?? 0) : 0;

const COMPARE: Readonly<Record<PipelineSort, Compare>> = {
  worst: (a, b) => byRank(a, b) || bySince(a, b) || byName(a, b),
  name: byName,
  duration: (a, b) => compareNumbers(durationRatio(b.facts), durationRatio(a.facts)) || byName(a, b),
  rows: (a, b) => compareNumbers(rowsRatio(a.facts), rowsRatio(b.facts)) || byName(a, b),
  success: (a, b) => bySuccess(a, b) || byName(a, b),
};

export const comparePipelines = (sort: PipelineSort): Compare => COMPARE[sort];
