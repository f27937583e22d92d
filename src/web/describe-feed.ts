/** A feed as the API describes it: what it is, where its tables stand, what waits. */
import pTimeout from "p-timeout";
import type { App } from "../app";
import { AppError } from "../model/app-error";
import type { Feed } from "../model/feed";

/** A first load that takes longer is not waited for. */
const LOAD_MS = 10_000;

type Reader = ReturnType<App["tables"]>["reader"];
type Told = Awaited<ReturnType<typeof askTables>>;

/** What the tables said last. It is told again while their engine is away: `head` names the position that it is of. */
const lastTold = new WeakMap<Reader, Told>();

/** The `Feed` object of the API. */
export async function describeFeed(app: App, feed: Feed) {
  const { head, statistics, reach } = await whatTablesSay(app, feed);
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
    writer: app.processes?.writerOf(feed.name) ?? null,
  };
}

async function whatTablesSay(app: App, feed: Feed): Promise<Told> {
  const { reader } = app.tables(feed.name);
  try {
    if (app.live.status(feed.name).position === null) await firstLoad(app, feed, reader);
    const told = await askTables(reader);
    lastTold.set(reader, told);
    return told;
  } catch (error) {
    const told = lastTold.get(reader);
    if (told !== undefined && error instanceof AppError && error.code === "engine-unavailable") return told;
    throw error;
  }
}

/** Counting reads whole tables: beside the first load it would hold up every page. @throws as the engine does when it is away */
async function firstLoad(app: App, feed: Feed, reader: Reader): Promise<void> {
  await reader.head();
  await pTimeout(app.live.loaded(feed.name), { milliseconds: LOAD_MS, message: false });
}

async function askTables(reader: Reader) {
  const [head, statistics, reach] = await Promise.all([reader.head(), reader.statistics(), reader.reach()]);
  return { head, statistics, reach };
}
