/** The batch that is open beside a list of events, for the pages that have such a list. */
import type { RequestEventCommon } from "@builder.io/qwik-city";
import type { App } from "../../app";
import { openBatchIn, ownPage, withoutDrawer } from "../../components/drawer/drawer-address";
import { leavePageData } from "../../components/page-data";
import { AppError } from "../../model/app-error";
import { attemptFields } from "../../model/attempt";
import type { Feed } from "../../model/feed";
import { actorOf } from "../actor";
import { attemptFeeds } from "./attempt-feed";
import { batchStory, type BatchPage } from "./batch-page";
import type { PageTime } from "./page-time";

export interface OpenBatch {
  correlationId: string;
  /** Null = it cannot be shown; `why` says it. */
  page: BatchPage | null;
  why: string | null;
  /** Its own page, and the list with nothing open. */
  pageHref: string;
  closeHref: string;
  isPast: boolean;
}

/**
 * What pages of a feed's batches are asked for with: its name where several feeds have batches, else nothing; null where its
 * events belong to no batches.
 */
export function drawerFeed(app: App, ev: RequestEventCommon, feed: Feed): string | null {
  if (attemptFields(feed) === null) return null;
  return attemptFeeds(app, actorOf(ev)).length > 1 ? feed.name : "";
}

interface List {
  feed: Feed;
  time: PageTime;
  /** As `drawerFeed` tells. */
  named: string | null;
}

/** Left on the request for `components/drawer`; none where the address opens none. */
export async function putDrawer(app: App, ev: RequestEventCommon, { feed, time, named }: List): Promise<void> {
  const here = ev.url.pathname + ev.url.search;
  const correlationId = openBatchIn(here);
  if (correlationId === null || named === null) return;
  const pageHref = ownPage(here, correlationId, named);
  const wanted = { correlationId, feed: feed.name, other: null, here: pageHref, time };
  const open: OpenBatch = {
    ...{ correlationId, pageHref, page: null, why: null },
    closeHref: withoutDrawer(here),
    isPast: ev.query.has("at"),
  };
  try {
    open.page = await batchStory(app, ev, wanted);
  } catch (error) {
    // The list is what the page is for: it is shown whether or not the batch is known, and while the lake is away.
    if (!(error instanceof AppError)) throw error;
    open.why = error.message;
  }
  leavePageData(ev, "drawer", open);
}
