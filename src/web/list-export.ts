/** The lists of problems and pipelines as other programs take them: the address of the page with `format`. */
import type { RequestEventCommon } from "@builder.io/qwik-city";
import type { App } from "../app";
import type { Problem } from "../model/problem";
import type { WireValue } from "../model/value";
import { listedPipelines } from "./pages/pipeline-list-page";
import { listedProblems } from "./pages/problem-list-page";
import { MOST_LISTED } from "./pages/list-limit";
import { chooseFormat, contentTypeOf, rowWriter, type RowFormat } from "./row-formats";

/** Name and value of what is told of each line, in the order of CSV's columns. */
type ListColumns<T> = readonly (readonly [name: string, tell: (item: T) => WireValue])[];

const PROBLEMS: ListColumns<Problem> = [
  ["id", ({ id }) => id],
  ["state", ({ state }) => state],
  ["pipelineName", ({ pipelineName }) => pipelineName],
  ["stageName", ({ stageName }) => stageName],
  ["error", ({ error }) => error],
  ["since", ({ since }) => since],
  ["firstSeen", ({ firstSeen }) => firstSeen],
  ["lastSeen", ({ lastSeen }) => lastSeen],
  ["count", ({ count }) => count],
  ["batches", ({ batches }) => batches],
  ["recoveredAt", ({ recoveredAt }) => recoveredAt],
  ["lastBatch", ({ lastBatch }) => lastBatch],
];

type ListedPipeline = Awaited<ReturnType<typeof listedPipelines>>["shown"][number];

const PIPELINES: ListColumns<ListedPipeline & { owner: string | null }> = [
  ["pipelineName", ({ summary }) => summary.pipelineName],
  ["state", ({ health }) => health.state],
  ["why", ({ health }) => health.text],
  ["since", ({ health }) => health.since],
  ["lastSuccessAt", ({ summary }) => summary.lastSuccessAt],
  ["lastStartedAt", ({ summary }) => summary.lastStartedAt],
  ["nowDurationMs", ({ summary }) => summary.nowDurationMs],
  ["usualDurationMs", ({ summary }) => summary.usualDurationMs],
  ["nowRows", ({ summary }) => summary.nowRows],
  ["usualRows", ({ summary }) => summary.usualRows],
  ["runs", ({ summary }) => summary.runs],
  ["failed", ({ summary }) => summary.failed],
  ["owner", ({ owner }) => owner],
];

/** Answers with the problems that the page lists, in its order. @throws as `problemListPage` */
export async function sendProblemList(app: App, ev: RequestEventCommon): Promise<void> {
  const format = chooseFormat(ev.query.get("format"), null);
  const { views, overview, shown, matching } = await listedProblems(app, ev, MOST_LISTED);
  const position = app.live.viewPosition(overview);
  const about = { view: views.problems, position, instant: overview.instant, matching: matching.length };
  send(ev, format, PROBLEMS, shown, about);
}

/**
 * Answers with the pipelines that the page lists, in its order; without owners while the database that keeps them is away.
 *
 * @throws as `pipelineListPage`
 */
export async function sendPipelineList(app: App, ev: RequestEventCommon): Promise<void> {
  const format = chooseFormat(ev.query.get("format"), null);
  const { views, picture, shown, matching, owners } = await listedPipelines(app, ev, MOST_LISTED);
  const owned = shown.map((one) => ({ ...one, owner: owners?.get(one.summary.pipelineName) ?? null }));
  const columns = owners === null ? PIPELINES.filter(([name]) => name !== "owner") : PIPELINES;
  const position = app.live.viewPosition(picture);
  const about = { view: views.pipelines, position, instant: picture.instant, matching: matching.length };
  send(ev, format, columns, owned, about);
}

interface About {
  view: string;
  position: string;
  instant: string | null;
  /** How many lines there are, of which as many are given as were asked for. */
  matching: number;
}

function send<T>(
  ev: RequestEventCommon,
  format: RowFormat,
  columns: ListColumns<T>,
  items: readonly T[],
  about: About,
): void {
  const writer = rowWriter(format, { names: columns.map(([name]) => name), picked: null }, { ...about });
  const rows = items.map((item) => columns.map(([, tell]) => tell(item)));
  ev.headers.set("Content-Type", contentTypeOf(format));
  ev.headers.set("Weir-Matching", String(about.matching));
  ev.send(200, writer.begin() + writer.rows(rows) + writer.end(null));
}
