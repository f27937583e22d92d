/** What the page of a batch shows: its attempts, folded from all of its events that are kept. */
import type { RequestEventCommon } from "@builder.io/qwik-city";
import type { App } from "../../app";
import type { BatchEvents } from "../../components/batch/batch-events";
import { requireFeed } from "../../control/actor";
import { shownOwner, type ShownOwner } from "../../components/owner/owner-links";
import { listPipelineOwners } from "../../control/pipeline-owner/list-pipeline-owners";
import { AppError } from "../../model/app-error";
import { attemptFields } from "../../model/attempt";
import { eventTimeOf, type Feed } from "../../model/feed";
import { EVERYTHING } from "../../model/filter";
import { actorOf } from "../actor";
import { askForPage } from "./page-control";
import { pageState, pageTime, type PageState } from "./page-time";

export interface BatchPage {
  correlationId: string;
  state: PageState;
  feed: { name: string; title: string; href: string };
  events: BatchEvents;
  /** What is kept about its pipelines; none while the database is not there. Also on pages of the past: it is of the present. */
  owners: readonly ShownOwner[];
  /** Events beyond the bound are not shown. */
  truncated: boolean;
}

/** A batch is small; one that is not is shown by its newest events. */
const MOST_EVENTS = 2_000;

/** @throws AppError not-found when no event of the batch is known at the page's time; gone, bad-parameter */
export async function batchPage(app: App, ev: RequestEventCommon): Promise<BatchPage> {
  const correlationId = ev.params["correlationId"]!;
  const feed = batchFeed(app);
  requireFeed({ actor: actorOf(ev) }, "read", feed.name);
  const time = await pageTime(app, ev, feed.name);
  const fields = attemptFields(feed)!;
  const snapshot = await app.live.newest(feed.name, 1, time.head);
  const filter = { ...EVERYTHING, columns: [{ field: fields.correlationId, negated: false, values: [correlationId] }] };
  const { rows } = await app.live.page(`feeds/${feed.name}`, { filter, limit: MOST_EVENTS + 1, at: time.head });
  if (rows.length === 0) {
    const then = time.at === null ? "" : ` as of ${time.at}`;
    throw new AppError("not-found", `No event of the batch ${JSON.stringify(correlationId)} is known${then}.`);
  }
  const newest = snapshot.rows[0];
  const names = [...new Set(rows.map((row) => row[fields.pipelineName] as string))];
  const owners = (await askForPage(app, ev, (ctx) => listPipelineOwners(ctx, names))) ?? [];
  const at = time.at === null ? "" : `&at=${encodeURIComponent(time.at)}`;
  return {
    correlationId,
    owners: owners.map(shownOwner),
    state: pageState(time, snapshot, newest ? eventTimeOf(feed, newest) : null, app.ingest.status(feed.name)),
    feed: {
      name: feed.name,
      title: feed.title,
      href: `/feeds/${feed.name}?correlationId=${encodeURIComponent(correlationId)}${at}`,
    },
    events: { ...slimFeed(feed), position: snapshot.position, correlationId, rows: rows.slice(0, MOST_EVENTS) },
    truncated: rows.length > MOST_EVENTS,
  };
}

function batchFeed(app: App): Feed {
  const feed = app.live.views().find(({ view }) => view === "batches")?.feed;
  if (!feed) throw new AppError("not-found", "No feed here has events of batches.");
  return feed;
}

/** What folding needs of a feed, as plain values that travel with the page. */
function slimFeed(feed: Feed) {
  return {
    feed: feed.name,
    schemaId: feed.schemaId,
    fields: feed.fields.map(({ name, type, nullable }) => ({ name, type, nullable })),
    key: feed.key,
    ordering: feed.ordering,
    eventTime: feed.eventTime,
    rank: feed.rank && { field: feed.rank.field, order: [...feed.rank.of.keys()] },
  };
}
