/** What the list of all pipelines shows: worst first, filtered by name and state, as of one commit. */
import type { RequestEventCommon } from "@builder.io/qwik-city";
import type { App } from "../../app";
import { pipelineRow } from "../../components/pipeline/pipeline-row";
import { PIPELINE_STATES, worstFirst } from "../../components/pipeline/worst-first";
import { withParams } from "../../components/shell/page-url";
import { listPipelineOwners } from "../../control/pipeline-owner/list-pipeline-owners";
import { AppError } from "../../model/app-error";
import { eventTimeOf } from "../../model/feed";
import type { PipelineState, PipelineSummary } from "../../model/pipeline";
import { actorOf } from "../actor";
import { attemptFeeds, wantedFeeds } from "./attempt-feed";
import { askForPage } from "./page-control";
import { hereOf, pageState, pageTime, type PageState } from "./page-time";

export interface PipelineListPage {
  state: PageState;
  title: string;
  /** Of all pipelines, whatever is filtered. */
  counts: readonly { state: PipelineState; count: number; href: string; isChosen: boolean }[];
  total: number;
  allHref: string;
  filter: PipelineFilter;
  /** The rows as markup. */
  rows: string;
  shown: number;
  matching: number;
  moreHref: string | null;
  /** The reader's feeds with pipelines; empty when there is only one. */
  feeds: readonly { title: string; href: string; isChosen: boolean }[];
  /** Parameters that the form of the filter must keep. */
  kept: readonly [string, string][];
  follow: PipelineListFollow | null;
}

export interface PipelineFilter {
  /** Part of the name, any case; null = any. */
  text: string | null;
  state: PipelineState | null;
}

/** What the browser follows. */
export interface PipelineListFollow {
  feed: string;
  topic: string;
  position: string;
  schemaId: string;
}

const LIMIT = 200;
const MOST = 5_000;
/** As many owners are asked for as the control plane lists at once. */
const MOST_OWNERS = 500;

/** @throws AppError bad-parameter, unknown-feed, gone, forbidden; a redirect that makes a relative time absolute */
export async function pipelineListPage(app: App, ev: RequestEventCommon): Promise<PipelineListPage> {
  const actor = actorOf(ev);
  const here = hereOf(ev);
  const all = attemptFeeds(app, actor);
  const { feed, views } = wantedFeeds(app, actor, ev.query.get("feed"))[0]!;
  const time = await pageTime(app, ev, feed.name);
  const filter = { text: ev.query.get("q") || null, state: stateIn(ev.query.get("state")) };
  const limit = limitIn(ev.query.get("limit"));
  const picture = await app.live.picture(feed.name, time.head);
  const pipelines = picture.derived!.pipelines.toSorted(worstFirst);
  const matching = pipelines.filter(matchesPipeline(filter));
  const shown = matching.slice(0, limit);
  const names = shown.slice(0, MOST_OWNERS).map(({ pipelineName }) => pipelineName);
  const kept = (await askForPage(app, ev, (ctx) => listPipelineOwners(ctx, names))) ?? [];
  const owners = new Map(kept.map(({ pipelineName, owner }) => [pipelineName, owner]));
  const newest = picture.rows[0];
  const state = pageState(time, picture, newest ? eventTimeOf(feed, newest) : null, app.ingest.status(feed.name));
  const about = { at: time.at, now: time.at === null ? time.now : state.viewedAt };
  const linkFeed = all.length > 1 ? feed.name : null;
  const rowOf = (summary: PipelineSummary) =>
    pipelineRow(summary, { ...about, feed: linkFeed, owner: owners.get(summary.pipelineName) ?? null });
  return {
    state,
    title: feed.title,
    counts: PIPELINE_STATES.map((one) => ({
      state: one,
      count: pipelines.filter((pipeline) => pipeline.state === one).length,
      href: withParams(here, { state: filter.state === one ? null : one, limit: null }),
      isChosen: filter.state === one,
    })),
    total: pipelines.length,
    allHref: withParams(here, { state: null, q: null, limit: null }),
    filter,
    rows: shown.map(rowOf).join(""),
    shown: shown.length,
    matching: matching.length,
    moreHref: shown.length < matching.length ? withParams(here, { limit: String(Math.min(MOST, limit * 5)) }) : null,
    feeds:
      all.length < 2
        ? []
        : all.map((one) => ({
            title: one.feed.title,
            href: withParams(here, { feed: one.feed.name, limit: null }),
            isChosen: one.feed === feed,
          })),
    kept: [...ev.query].filter(([name]) => name !== "q" && name !== "limit"),
    follow:
      time.at === null
        ? {
            feed: feed.name,
            topic: `views/${views.pipelines}`,
            position: app.live.viewPosition(picture.position),
            schemaId: app.live.view(views.pipelines).shape.schemaId,
          }
        : null,
  };
}

export function matchesPipeline({ text, state }: PipelineFilter): (pipeline: PipelineSummary) => boolean {
  const needle = text?.toLowerCase() ?? null;
  return (pipeline) =>
    (state === null || pipeline.state === state) &&
    (needle === null || pipeline.pipelineName.toLowerCase().includes(needle));
}

/** @throws AppError bad-parameter */
function stateIn(text: string | null): PipelineState | null {
  if (text === null || text === "") return null;
  const found = PIPELINE_STATES.find((state) => state === text);
  if (found) return found;
  throw new AppError(
    "bad-parameter",
    `state=${JSON.stringify(text.slice(0, 40))} is no state of a pipeline: there are ${PIPELINE_STATES.join(", ")}.`,
    { parameter: "state" },
  );
}

/** @throws AppError bad-parameter */
function limitIn(text: string | null): number {
  if (text === null) return LIMIT;
  const limit = /^\d{1,9}$/.test(text) ? Number(text) : 0;
  if (limit >= 1 && limit <= MOST) return limit;
  throw new AppError("bad-parameter", `limit=${JSON.stringify(text.slice(0, 40))} is not a number from 1 to ${MOST}.`, {
    parameter: "limit",
  });
}
