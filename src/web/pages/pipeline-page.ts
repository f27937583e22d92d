/** What the page of a pipeline shows: how it is, its last batches stage by stage, how good they are, and what is around it. */
import type { RequestEventCommon } from "@builder.io/qwik-city";
import type { App } from "../../app";
import { shownOwner, type ShownOwner } from "../../components/owner/owner-links";
import { nameIn } from "../../components/pipeline/pipeline-href";
import { withParams } from "../../components/shell/page-url";
import type { Zone } from "../../components/ui/time-text";
import { hasRole } from "../../control/actor";
import { listPipelineOwners } from "../../control/pipeline-owner/list-pipeline-owners";
import { listAcknowledgements } from "../../control/problem-mark/list-acknowledgements";
import { eventTimeOf } from "../../model/feed";
import { healthOf, type Health } from "../../model/pipeline-health";
import { reliabilityOf, type Acknowledgement, type Reliability } from "../../model/reliability";
import { MEMORY_MS } from "../../model/usual/memory";
import { actorOf } from "../actor";
import { attemptFeeds, wantedFeeds } from "./attempt-feed";
import { askForPage } from "./page-control";
import { pageState, pageTime, type PageState } from "./page-time";
import { pipelineFacts, unknownPipeline, type PipelineFacts } from "./pipeline-facts";

export interface PipelinePage extends PipelineFacts {
  pipelineName: string;
  state: PageState;
  zone: Zone;
  /** The moment that ages are counted from, epoch ms. */
  now: number;
  health: Health;
  feed: { name: string; title: string };
  /** Named in links where the reader has several feeds with pipelines; else null. */
  linkFeed: string | null;
  owner: ShownOwner | null;
  /** Of the weeks that are remembered; null on pages of the past, where the page about reliability tells it. */
  reliability: Reliability | null;
  hrefs: { events: string; list: string; settings: string | null; reliability: string };
  follow: { feed: string; topic: string; position: string; schemaId: string; key: number; field: number } | null;
}

/** @throws AppError not-found, bad-parameter, unknown-feed, gone, forbidden; a redirect that makes a relative time absolute */
export async function pipelinePage(app: App, ev: RequestEventCommon): Promise<PipelinePage> {
  const actor = actorOf(ev);
  const pipelineName = nameIn(ev.params["name"]!, ev.query);
  const found = await findPipeline(app, ev, pipelineName);
  const { feed, facts, picture, time } = found;
  const [kept, acknowledged] = await Promise.all([
    askForPage(app, ev, (ctx) => listPipelineOwners(ctx, [pipelineName])),
    askForPage(app, ev, (ctx) => listAcknowledgements(ctx, { feed: feed.name, since: time.now - 2 * MEMORY_MS })),
  ]);
  const newest = picture.rows[0];
  const state = pageState(time, picture, newest ? eventTimeOf(feed, newest) : null, app.ingest.status(feed.name));
  const now = time.at === null ? time.now : state.viewedAt;
  const pipelineField = feed.fields.findIndex(({ name }) => name === "pipelineName");
  return {
    ...facts,
    pipelineName,
    state,
    zone: time.zone,
    now,
    health: healthOf(facts.summary, facts.troubles.get(pipelineName) ?? null, now),
    feed: { name: feed.name, title: feed.title },
    linkFeed: attemptFeeds(app, actor).length > 1 ? feed.name : null,
    owner: kept?.[0] ? shownOwner(kept[0]) : null,
    reliability: time.at === null ? reliabilityHere(app, feed.name, pipelineName, acknowledged ?? [], now) : null,
    hrefs: {
      events: withParams(`/feeds/${feed.name}`, { pipelineName, at: time.at }),
      list: withParams("/pipelines", { at: time.at }),
      reliability: withParams("/reliability", { at: time.at }),
      settings: hasRole(actor, "operator") ? withParams("/settings/pipelines", { pipeline: pipelineName }) : null,
    },
    follow:
      time.at === null
        ? {
            feed: feed.name,
            topic: `feeds/${feed.name}`,
            position: picture.position,
            schemaId: feed.schemaId,
            key: feed.key,
            field: pipelineField,
          }
        : null,
  };
}

function reliabilityHere(
  app: App,
  feedName: string,
  pipelineName: string,
  acknowledged: readonly Acknowledgement[],
  now: number,
): Reliability | null {
  const hours = app.hours.get(feedName);
  if (!hours) return null;
  const own = [...hours.table.runs()].filter((run) => run.pipelineName === pipelineName);
  return reliabilityOf(own, acknowledged, now).overall;
}

/** In the first of the feeds that the address may mean which knows the pipeline. @throws AppError as `pipelinePage` */
async function findPipeline(app: App, ev: RequestEventCommon, pipelineName: string) {
  let missing: Error | null = null;
  for (const { feed } of wantedFeeds(app, actorOf(ev), ev.query.get("feed"))) {
    const time = await pageTime(app, ev, feed.name);
    const picture = await app.live.picture(feed.name, time.head);
    const facts = pipelineFacts(picture, pipelineName);
    if (facts) return { feed, time, picture, facts };
    missing ??= unknownPipeline(pipelineName, picture, time.at);
  }
  throw missing!;
}
