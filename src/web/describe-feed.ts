/** A feed as the API describes it: what it is, where its tables stand, what waits. */
import type { App } from "../app";
import type { Feed } from "../model/feed";

/** The `Feed` object of the API. */
export async function describeFeed(app: App, feed: Feed) {
  const { reader } = app.tables(feed.name);
  const [head, statistics, reach] = await Promise.all([reader.head(), reader.statistics(), reader.reach()]);
  const { staged, deadLetters, state } = app.ingest.status(feed.name);
  const { hot } = app.live.status(feed.name);
  return {
    feed: feed.name,
    title: feed.title,
    key: feed.fields[feed.key]!.name,
    ordering: feed.fields[feed.ordering]!.name,
    eventTime: feed.fields[feed.eventTime]!.name,
    partition: feed.granularity,
    writeMode: feed.writeMode,
    schema: feed.schema,
    schemaId: feed.schemaId,
    head: head.position,
    instant: head.instant,
    committedAt: head.committedAt,
    newestEventAt: statistics.newestEventAt,
    rows: statistics.rows,
    byStatus: statistics.byStatus,
    hot,
    staged,
    deadLetters,
    reach,
    state,
  };
}
