/** What the list of all pipelines shows: worst first, filtered by name and state, as of one commit. */
import type { RequestEventCommon } from "@builder.io/qwik-city";
import type { App } from "../../app";
import { listExportLinks, type ExportLink } from "../../components/export/export-links";
import { pipelineRow } from "../../components/pipeline/pipeline-row";
import { worstFirst, type ShownPipeline } from "../../components/pipeline/worst-first";
import { withParams } from "../../components/shell/page-url";
import { listPipelineOwners } from "../../control/pipeline-owner/list-pipeline-owners";
import { AppError } from "../../model/app-error";
import { eventTimeOf } from "../../model/feed";
import { HEALTH_STATES, healthOf, troublesOf, type HealthState } from "../../model/pipeline-health";
import { actorOf } from "../actor";
import { wholeParameter } from "../parameters";
import { attemptFeeds, wantedFeeds } from "./attempt-feed";
import { LISTED, MOST_LISTED, moreLines } from "./list-limit";
import { askForPage } from "./page-control";
import { hereOf, pageState, pageTime, type PageState } from "./page-time";

export interface PipelineListPage {
  state: PageState;
  title: string;
  /** Of all pipelines, whatever is filtered. */
  counts: readonly { state: HealthState; count: number; href: string; isChosen: boolean }[];
  total: number;
  allHref: string;
  filter: PipelineFilter;
  /** The rows as markup. */
  rows: string;
  shown: number;
  matching: number;
  moreHref: string | null;
  /** The reader's feeds with pipelines; empty when there is only one. */
  feeds: readonly { label: string; href: string; isCurrent: boolean }[];
  /** Parameters that the form of the filter must keep. */
  kept: readonly [string, string][];
  exports: readonly ExportLink[];
  /** What the longer export holds. */
  allText: string;
  follow: PipelineListFollow | null;
}

export interface PipelineFilter {
  /** Part of the name, any case; null = any. */
  text: string | null;
  state: HealthState | null;
}

/** What the browser follows. */
export interface PipelineListFollow {
  feed: string;
  topic: string;
  position: string;
  schemaId: string;
}

/**
 * What the address asks for, as of its time.
 *
 * @param fallback how many lines, unless the address says it
 * @throws as `pipelineListPage`
 */
export async function listedPipelines(app: App, ev: RequestEventCommon, fallback = LISTED) {
  const { feed, views } = wantedFeeds(app, actorOf(ev), ev.query.get("feed"))[0]!;
  const time = await pageTime(app, ev, feed.name);
  const filter = { text: ev.query.get("q") || null, state: stateIn(ev.query.get("state")) };
  const limit = wholeParameter(ev.query, "limit", fallback, MOST_LISTED);
  const picture = await app.live.picture(feed.name, time.head);
  const newest = picture.rows[0];
  const state = pageState(time, picture, newest ? eventTimeOf(feed, newest) : null, app.ingest.status(feed.name));
  const about = { at: time.at, now: time.at === null ? time.now : state.viewedAt };
  const { pipelines: summaries, problems } = picture.derived!;
  const troubles = troublesOf(problems);
  const pipelines = summaries
    .map((summary) => ({
      summary,
      health: healthOf(summary, troubles.get(summary.pipelineName) ?? null, about.now),
    }))
    .sort(worstFirst);
  const matching = pipelines.filter(matchesPipeline(filter));
  const shown = matching.slice(0, limit);
  const names = shown.map(({ summary }) => summary.pipelineName);
  const kept = await askForPage(app, ev, (ctx) => listPipelineOwners(ctx, names));
  const owners = kept && new Map(kept.map(({ pipelineName, owner }) => [pipelineName, owner]));
  return { feed, views, time, filter, limit, picture, state, about, pipelines, matching, shown, owners };
}

/** @throws AppError bad-parameter, unknown-feed, gone, forbidden; a redirect that makes a relative time absolute */
export async function pipelineListPage(app: App, ev: RequestEventCommon): Promise<PipelineListPage> {
  const here = hereOf(ev);
  const all = attemptFeeds(app, actorOf(ev));
  const { feed, views, time, filter, limit, picture, state, about, pipelines, ...found } = await listedPipelines(
    app,
    ev,
  );
  const { matching, shown, owners } = found;
  const linkFeed = all.length > 1 ? feed.name : null;
  const rowOf = ({ summary, health }: ShownPipeline) =>
    pipelineRow(summary, health, { ...about, feed: linkFeed, owner: owners?.get(summary.pipelineName) ?? null });
  return {
    state,
    title: feed.title,
    counts: HEALTH_STATES.map((one) => ({
      state: one,
      count: pipelines.filter(({ health }) => health.state === one).length,
      href: withParams(here, { state: filter.state === one ? null : one, limit: null }),
      isChosen: filter.state === one,
    })),
    total: pipelines.length,
    allHref: withParams(here, { state: null, q: null, limit: null }),
    filter,
    rows: shown.map(rowOf).join(""),
    shown: shown.length,
    matching: matching.length,
    moreHref: shown.length < matching.length ? withParams(here, { limit: moreLines(limit) }) : null,
    feeds:
      all.length < 2
        ? []
        : all.map((one) => ({
            label: one.feed.title,
            href: withParams(here, { feed: one.feed.name, limit: null }),
            isCurrent: one.feed === feed,
          })),
    kept: [...ev.query].filter(([name]) => name !== "q" && name !== "limit"),
    exports: listExportLinks(here, limit, MOST_LISTED),
    allText: matching.length > MOST_LISTED ? `The first ${MOST_LISTED}` : "All that match",
    follow:
      time.at === null
        ? {
            feed: feed.name,
            topic: `views/${views.pipelines}`,
            position: app.live.viewPosition(picture),
            schemaId: app.live.view(views.pipelines).shape.schemaId,
          }
        : null,
  };
}

export function matchesPipeline({ text, state }: PipelineFilter): (pipeline: ShownPipeline) => boolean {
  const needle = text?.toLowerCase() ?? null;
  return ({ summary, health }) =>
    (state === null || health.state === state) &&
    (needle === null || summary.pipelineName.toLowerCase().includes(needle));
}

/** @throws AppError bad-parameter */
function stateIn(text: string | null): HealthState | null {
  if (text === null || text === "") return null;
  const found = HEALTH_STATES.find((state) => state === text);
  if (found) return found;
  throw new AppError(
    "bad-parameter",
    `state=${JSON.stringify(text.slice(0, 40))} is no state of a pipeline: there are ${HEALTH_STATES.join(", ")}.`,
    { parameter: "state" },
  );
}
