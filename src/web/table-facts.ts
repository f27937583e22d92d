/** What the checks of a feed's tables are given, and the one line about them, which costs pages nothing. */
import pTimeout from "p-timeout";
import type { App } from "../app";
import { AppError } from "../model/app-error";
import type { Instant } from "../model/instant";
import { timeOf } from "../model/instant";
import type { FeedFacts, Known } from "../model/table-health/facts";
import { healthLine, type TableHealthLine } from "../model/table-health/health";

/** A moment of the past; null = now. */
export type FactsAt = { instant: Instant | null; committedAt: number | null } | null;

/** @throws AppError unknown-feed, engine-unavailable, read-only */
export async function feedFacts(app: App, feedName: string, at: FactsAt): Promise<FeedFacts> {
  const { feed, reader, inspector, writer } = app.tables(feedName);
  const isOurs = writer !== null;
  const moment = at === null ? null : { instant: at.instant ?? "0", time: at.committedAt ?? timeOrZero(at.instant) };
  const [head, reach, ...found] = await Promise.all([
    at ?? reader.head(),
    reachOf(reader),
    ...inspector.tables.map((table) => table.facts(moment)),
  ]);
  const { events, oldestAt } = app.ingest.status(feedName).staged;
  const { partitionColumn } = feed;
  return {
    feed: feed.name,
    now: moment?.time ?? app.clock.now(),
    isPast: at !== null,
    head: { instant: head.instant, committedAt: head.committedAt },
    staged: at === null && isOurs ? { events, oldestAt } : null,
    reach,
    promisedReachMs: isOurs ? feed.historyMs : null,
    expects: {
      key: feed.fields[feed.key]!.name,
      ordering: feed.fields[feed.ordering]!.name,
      partition: partitionColumn,
    },
    tables: found.filter((facts) => facts !== null),
  };
}

const timeOrZero = (instant: Instant | null): number => (instant === null ? 0 : timeOf(instant));

async function reachOf(reader: { reach(): Promise<Instant | null> }): Promise<Known<Instant | null>> {
  try {
    return { value: await reader.reach() };
  } catch (error) {
    if (error instanceof AppError && error.code === "engine-unavailable") return { unknown: error.message };
    throw error;
  }
}

interface KeptLine {
  line: TableHealthLine | null;
  lookedAt: number;
  looking: Promise<void> | null;
}

/** A line is looked at again when it is older than this; meanwhile it is told as it is. */
const LINE_MS = 5_000;
/** The first of them is waited for this long, and no longer. */
const PATIENCE_MS = 100;
const MOST_PAST_LINES = 64;
const lines = new WeakMap<App, Map<string, KeptLine>>();
const pastLines = new WeakMap<App, Map<string, Promise<TableHealthLine | null>>>();

/**
 * The line about a feed's tables: a look-up in memory once it is known, looked at again beside the page. Null while nothing is
 * known: the engine is away, or this is the first look and it takes its time. What waits to be committed is always of now.
 *
 * @throws AppError unknown-feed
 */
export async function tableHealthLine(app: App, feedName: string, at: FactsAt = null): Promise<TableHealthLine | null> {
  if (at !== null) return pastLine(app, feedName, at);
  const kept = keptLine(app, feedName);
  if (kept.looking === null && app.clock.now() - kept.lookedAt >= LINE_MS) kept.looking = look(app, feedName, kept);
  if (kept.line === null && kept.looking !== null)
    await pTimeout(kept.looking, { milliseconds: PATIENCE_MS, message: false });
  if (kept.line === null) return null;
  const { events, oldestAt } = app.ingest.status(feedName).staged;
  const { committedAt } = app.live.status(feedName);
  return {
    ...kept.line,
    committedAt: committedAt ?? kept.line.committedAt,
    staged: kept.line.staged && { events, oldestAt },
  };
}

function keptLine(app: App, feedName: string): KeptLine {
  let ofApp = lines.get(app);
  if (ofApp === undefined) lines.set(app, (ofApp = new Map()));
  let kept = ofApp.get(feedName);
  if (kept === undefined) ofApp.set(feedName, (kept = { line: null, lookedAt: -Infinity, looking: null }));
  return kept;
}

/** Never rejects: a line that cannot be had is none. */
async function look(app: App, feedName: string, kept: KeptLine): Promise<void> {
  try {
    // How far back the tables reach takes a look into them: what pages wait for comes first.
    await app.live.loaded(feedName);
    kept.line = healthLine(await feedFacts(app, feedName, null));
  } catch (error) {
    app.log.debug({ feed: feedName, error }, "the tables cannot be inspected");
    kept.line = null;
  } finally {
    kept.lookedAt = app.clock.now();
    kept.looking = null;
  }
}

function pastLine(app: App, feedName: string, at: NonNullable<FactsAt>): Promise<TableHealthLine | null> {
  let ofApp = pastLines.get(app);
  if (ofApp === undefined) pastLines.set(app, (ofApp = new Map()));
  const key = `${feedName} ${at.instant}`;
  let known = ofApp.get(key);
  if (known === undefined) {
    known = feedFacts(app, feedName, at).then(healthLine);
    known = known.catch((error: unknown) => {
      app.log.debug({ feed: feedName, error }, "the tables of the past cannot be inspected");
      ofApp.delete(key);
      return null;
    });
    ofApp.set(key, known);
    if (ofApp.size > MOST_PAST_LINES) ofApp.delete(ofApp.keys().next().value!);
  }
  return known;
}
