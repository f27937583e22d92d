/**
 * What is known of one pipeline at one commit: pure functions of the hot window, computed once per commit and pipeline however
 * many pages and calls ask for it.
 */
import { AppError } from "../../model/app-error";
import { attemptFields } from "../../model/attempt";
import { learnLineage, neighbourhood, type Lineage, type Neighbourhood } from "../../model/lineage";
import type { PipelineSummary } from "../../model/pipeline";
import { pipelineGrid, type PipelineGrid } from "../../model/pipeline-grid";
import { troublesOf, type Trouble } from "../../model/pipeline-health";
import type { Problem } from "../../model/problem";
import type { FeedPicture } from "../../live/picture";

export interface PipelineFacts {
  summary: PipelineSummary;
  grid: PipelineGrid;
  /** Of the pipeline, last seen first. */
  problems: readonly Problem[];
  /** Of all pipelines, by name. */
  troubles: ReadonlyMap<string, Trouble>;
  around: Neighbourhood;
  /** Batches that say nothing about who feeds whom, because too many pipelines share them. */
  tooWide: number;
  /** The rows of the pipelines around it. */
  others: ReadonlyMap<string, PipelineSummary>;
}

export const GRID_BOUNDS = { batches: 60, stages: 100 };
const AROUND_BOUNDS = { depth: 3, pipelines: 40 };

const kept = new WeakMap<FeedPicture, Map<string, PipelineFacts>>();
const lineages = new WeakMap<FeedPicture, Lineage>();

/** Null when no batch of such a pipeline is in the window. @param picture of a feed whose events are attempts */
export function pipelineFacts(picture: FeedPicture, pipelineName: string): PipelineFacts | null {
  let ofPicture = kept.get(picture);
  if (!ofPicture) kept.set(picture, (ofPicture = new Map<string, PipelineFacts>()));
  const known = ofPicture.get(pipelineName);
  if (known) return known;
  const { derived, rows, feed } = picture;
  const byName = new Map(derived!.pipelines.map((summary) => [summary.pipelineName, summary]));
  const summary = byName.get(pipelineName);
  if (!summary) return null;
  const fields = attemptFields(feed)!;
  const own = rows.filter((row) => row[fields.pipelineName] === pipelineName);
  const lineage = lineageOf(picture);
  const around = neighbourhood(lineage, pipelineName, AROUND_BOUNDS);
  const facts: PipelineFacts = {
    summary,
    grid: pipelineGrid(fields, own, GRID_BOUNDS),
    problems: derived!.problems.filter((problem) => problem.pipelineName === pipelineName),
    troubles: troublesOf(derived!.problems),
    around,
    tooWide: lineage.tooWide,
    others: new Map(
      around.nodes.flatMap(({ pipelineName: name }) => {
        const other = byName.get(name);
        return other ? [[name, other] as const] : [];
      }),
    ),
  };
  ofPicture.set(pipelineName, facts);
  return facts;
}

/** What feeds what, learnt from the window. */
export function lineageOf(picture: FeedPicture): Lineage {
  let lineage = lineages.get(picture);
  if (!lineage) lineages.set(picture, (lineage = learnLineage(picture.derived!.batchRuns)));
  return lineage;
}

export function unknownPipeline(pipelineName: string, picture: FeedPicture, at: string | null): AppError {
  const then = at === null ? "" : ` as of ${at}`;
  const name = JSON.stringify(pipelineName.slice(0, 200));
  const rows = picture.rows.length.toLocaleString("en");
  return new AppError("not-found", `No batch of the pipeline ${name} is among the newest ${rows} events${then}.`);
}
