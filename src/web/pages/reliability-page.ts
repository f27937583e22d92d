/** What the page about reliability shows, as of one commit. */
import type { RequestEventCommon } from "@builder.io/qwik-city";
import type { App } from "../../app";
import { pipelineHref } from "../../components/pipeline/pipeline-href";
import { withParams } from "../../components/shell/page-url";
import { eventTimeOf } from "../../model/feed";
import type { PipelineReliability } from "../../model/reliability";
import { actorOf } from "../actor";
import { attemptFeeds, wantedFeeds } from "./attempt-feed";
import { hereOf, pageState, pageTime, type PageState } from "./page-time";
import { reliabilityFacts, type ReliabilityFacts } from "./reliability-facts";

export interface ReliabilityPage {
  state: PageState;
  title: string;
  facts: Omit<ReliabilityFacts, "pipelines">;
  pipelines: readonly (PipelineReliability & { href: string })[];
  /** Pipelines with incidents that are not listed. */
  more: number;
  allHref: string;
  /** Where the hours are looked at; null = they are in memory. */
  hoursHref: string | null;
  feeds: readonly { label: string; href: string; isCurrent: boolean }[];
}

const LISTED = 100;

/** @throws AppError bad-parameter, unknown-feed, gone, forbidden; a redirect that makes a relative time absolute */
export async function reliabilityPage(app: App, ev: RequestEventCommon): Promise<ReliabilityPage> {
  const actor = actorOf(ev);
  const here = hereOf(ev);
  const all = attemptFeeds(app, actor);
  const { feed } = wantedFeeds(app, actor, ev.query.get("feed"))[0]!;
  const time = await pageTime(app, ev, feed.name);
  const newest = await app.live.newest(feed.name, 1, time.head);
  const [first] = newest.rows;
  const state = pageState(time, newest, first ? eventTimeOf(feed, first) : null, app.ingest.status(feed.name));
  const { pipelines, ...facts } = await reliabilityFacts(app, ev, feed, time.at === null ? null : state.viewedAt);
  const isAll = ev.query.get("all") === "1";
  const listed = isAll ? pipelines : pipelines.slice(0, LISTED);
  const named = all.length > 1 ? feed.name : null;
  return {
    state,
    title: feed.title,
    facts,
    pipelines: listed.map((one) => ({
      ...one,
      href: pipelineHref(one.pipelineName, time.at, named),
    })),
    more: pipelines.length - listed.length,
    allHref: withParams(here, { all: "1" }),
    hoursHref: facts.keptIn && withParams(`/feeds/${facts.keptIn}`, { at: time.at }),
    feeds:
      all.length < 2
        ? []
        : all.map((one) => ({
            label: one.feed.title,
            href: withParams(here, { feed: one.feed.name, all: null }),
            isCurrent: one.feed === feed,
          })),
  };
}
