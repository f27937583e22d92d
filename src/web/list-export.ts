/** The lists of problems and pipelines as other programs take them: the address of the page with `format`. */
import type { RequestEventCommon } from "@builder.io/qwik-city";
import type { App } from "../app";
import type { Problem } from "../model/problem";
import type { WireValue } from "../model/value";
import { listedPipelines } from "./pages/pipeline-list-page";
import { listedProblems } from "./pages/problem-list-page";
import { chooseFormat, contentTypeOf, rowWriter } from "./row-formats";

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
  const { views, overview, shown } = await listedProblems(app, ev);
  const { instant } = overview;
  send(ev, PROBLEMS, shown, { view: views.problems, position: app.live.viewPosition(overview), instant });
}

/** Answers with the pipelines that the page lists, in its order. @throws as `pipelineListPage` */
export async function sendPipelineList(app: App, ev: RequestEventCommon): Promise<void> {
  const { views, picture, shown, owners } = await listedPipelines(app, ev);
  const owned = shown.map((one) => ({ ...one, owner: owners.get(one.summary.pipelineName) ?? null }));
  const { instant } = picture;
  send(ev, PIPELINES, owned, { view: views.pipelines, position: app.live.viewPosition(picture), instant });
}

/** @param about members of the JSON answer before its rows */
function send<T>(
  ev: RequestEventCommon,
  columns: ListColumns<T>,
  items: readonly T[],
  about: Record<string, WireValue>,
): void {
  const format = chooseFormat(ev.query.get("format"), null);
  const writer = rowWriter(format, { names: columns.map(([name]) => name), picked: null }, about);
  const rows = items.map((item) => columns.map(([, tell]) => tell(item)));
  ev.headers.set("Content-Type", contentTypeOf(format));
  ev.headers.set("Cache-Control", "no-cache");
  ev.send(200, writer.begin() + writer.rows(rows) + writer.end(null));
}
