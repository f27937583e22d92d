/** What the page of charts of a feed shows: a range of time in the address, filters as those of the feed's page. */
import type { RequestEventCommon } from "@builder.io/qwik-city";
import type { App } from "../../../app";
import type { ChartSpec } from "../../../components/chart/chart-spec";
import type { FreshSpec } from "../../../components/follow/fresh-page";
import { paramsWithout, withParams } from "../../../components/shell/page-url";
import { AppError } from "../../../model/app-error";
import { eventTimeOf, type Feed } from "../../../model/feed";
import type { Filter } from "../../../model/filter";
import { instantMs } from "../../../model/instant";
import { filterOf, parseRowQuery } from "../../../model/row-query";
import { actorOf } from "../../actor";
import { readableFeeds } from "../../feed-access";
import { freshSpec } from "../fresh-spec";
import { hereOf, pageState, pageTime, type PageState } from "../page-time";
import { feedCharts, type Lag } from "./feed-charts";
import { memoryCharts, memoryFilter } from "./memory-charts";

export interface ChartsPage {
  state: PageState;
  title: string;
  feedHref: string;
  feeds: readonly { label: string; href: string; isCurrent: boolean }[];
  ranges: readonly { label: string; href: string; isCurrent: boolean }[];
  /** ISO times of the range. */
  from: string;
  to: string;
  /** Parameters that the form of the range keeps. */
  kept: readonly [string, string][];
  /** Filters of columns and text, as the feed's page names them. */
  filters: readonly string[];
  clearHref: string | null;
  charts: readonly ChartSpec[];
  /** Of what lies behind the hot window; empty where nothing does. */
  memory: readonly ChartSpec[];
  /** Why there are none of it though something lies behind the hot window. */
  memoryNote: string | null;
  lagRows: number | null;
  /** Null on a page of the past. */
  follow: FreshSpec | null;
}

type Picture = Awaited<ReturnType<App["live"]["picture"]>>;

const RANGES = ["1h", "6h", "24h", "7d"] as const;
const LIMITS = { limit: 1, maxLimit: 1, others: ["feed"] };
/** Rows whose commit is looked up; of more the newest. */
const MOST_LAGS = 20_000;
/** Ranges that are kept with a picture. */
const MOST_KEPT = 16;
const kept = new WeakMap<Picture, Map<string, Promise<{ charts: ChartSpec[]; lagRows: number | null }>>>();

/** @throws AppError unknown-feed, bad-parameter, gone, forbidden; a redirect that makes a relative time absolute */
export async function chartsPage(app: App, ev: RequestEventCommon): Promise<ChartsPage> {
  const { feed, all } = wantedFeed(app, ev);
  const time = await pageTime(app, ev, feed.name);
  const here = hereOf(ev);
  const query = parseRowQuery(feed, ev.query, time.now, LIMITS);
  const picture = await app.live.picture(feed.name, time.head);
  const instant =
    time.askedFor ?? (time.at === null || picture.instant === null ? time.now : instantMs(picture.instant)!);
  const filter = filterOf(query, instant);
  const range = { from: filter.from!, to: filter.to ?? instant };
  if (range.from >= range.to) {
    throw new AppError("bad-parameter", "from must lie before to.", { parameter: "from" });
  }
  const about = { ...range, instant, zone: time.zone, rangeHref: withParams(here, { from: null, to: null }) };
  const { charts, lagRows } = await chartsOf(app, feed, picture, filter, about);
  const { memory, memoryNote } = await memoryOf(app, feed, picture, filter, { ...about, isPast: time.at !== null });
  const newest = picture.rows[0];
  const relative = ev.query.get("to") === null ? (ev.query.get("from") ?? "-24h") : null;
  const filters = [...ev.query].filter(([name]) => !["feed", "at", "from", "to"].includes(name));
  return {
    state: pageState(time, picture, newest ? eventTimeOf(feed, newest) : null, app.ingest.status(feed.name)),
    title: feed.title,
    feedHref: withParams(`/feeds/${feed.name}${filters.length === 0 ? "" : `?${new URLSearchParams(filters).toString()}`}`, { at: time.at }), // prettier-ignore
    feeds:
      all.length < 2
        ? []
        : all.map((one) => ({
            label: one.title,
            href: withParams("/charts", { feed: one.name, at: time.at }),
            isCurrent: one === feed,
          })),
    ranges: RANGES.map((label) => ({
      label,
      href: withParams(here, { from: label === "24h" ? null : `-${label}`, to: null }),
      isCurrent: relative === `-${label}`,
    })),
    from: new Date(range.from).toISOString(),
    to: new Date(range.to).toISOString(),
    kept: paramsWithout(here, ["from", "to"]),
    filters: filters.map(([name, value]) => `${name}=${value}`),
    clearHref:
      filters.length === 0
        ? null
        : withParams("/charts", { feed: feed.name, at: time.at, from: ev.query.get("from"), to: ev.query.get("to") }),
    charts,
    memory,
    memoryNote,
    lagRows,
    follow: time.at === null ? freshSpec(app, feed) : null,
  };
}

/** @throws AppError unknown-feed, forbidden */
function wantedFeed(app: App, ev: RequestEventCommon): { feed: Feed; all: readonly Feed[] } {
  const actor = actorOf(ev);
  const all = readableFeeds(app.feeds, actor);
  const [first] = all;
  if (first === undefined)
    throw new AppError("forbidden", `${actor.name} may read no feed yet: an admin gives rights in the settings.`);
  const name = ev.query.get("feed");
  const main = app.live.views().find((view) => all.includes(view.feed))?.feed ?? first;
  const feed = name === null ? main : all.find((one) => one.name === name);
  if (feed) return { feed, all };
  throw new AppError("unknown-feed", `There is no feed ${JSON.stringify((name ?? "").slice(0, 80))} here.`);
}

const NO_MEMORY = { memory: [], memoryNote: null };

/** Only where the range begins before the oldest row that is in memory. */
async function memoryOf(
  app: App,
  feed: Feed,
  picture: Picture,
  filter: Filter,
  about: { from: number; to: number; instant: number; zone: string; rangeHref: string; isPast: boolean },
): Promise<{ memory: ChartSpec[]; memoryNote: string | null }> {
  const hours = app.hours.get(feed.name);
  const floor = picture.floor?.[0] ?? null;
  if (hours === undefined || floor === null || floor <= about.from) return NO_MEMORY;
  const isWanted = memoryFilter(feed, filter);
  if (isWanted === null)
    return { memory: [], memoryNote: "What lies behind the hot window is remembered by pipeline and hour: only a filter of pipelineName reaches it." }; // prettier-ignore
  const at = about.isPast ? await hours.store.runsAt(about.instant, app.clock.now()) : { runs: hours.table.runs() };
  if (at === null) return { memory: [], memoryNote: "What was remembered at this time is not kept any more." };
  return { memory: memoryCharts(at.runs, isWanted, about), memoryNote: null };
}

function chartsOf(
  app: App,
  feed: Feed,
  picture: Picture,
  filter: Filter,
  about: { from: number; to: number; instant: number; zone: string; rangeHref: string },
): Promise<{ charts: ChartSpec[]; lagRows: number | null }> {
  let ofPicture = kept.get(picture);
  if (ofPicture === undefined) kept.set(picture, (ofPicture = new Map()));
  const key = JSON.stringify([filter, about]);
  let known = ofPicture.get(key);
  if (known === undefined) {
    known = makeCharts(app, feed, picture, filter, about);
    known.catch(() => ofPicture.delete(key));
    ofPicture.set(key, known);
    if (ofPicture.size > MOST_KEPT) ofPicture.delete(ofPicture.keys().next().value!);
  }
  return known;
}

async function makeCharts(
  app: App,
  feed: Feed,
  picture: Picture,
  filter: Filter,
  about: { from: number; to: number; instant: number; zone: string; rangeHref: string },
) {
  const lags = await keptLags(app, feed, picture, filter);
  const range = { ...about, floor: picture.floor?.[0] ?? null };
  const charts = feedCharts(feed, picture.rows, filter, range, lags);
  return { charts, lagRows: typeof lags !== "string" && lags.length === MOST_LAGS ? MOST_LAGS : null };
}

const MINUTE_MS = 60_000;
const lagsKept = new WeakMap<Picture, Map<string, Promise<readonly Lag[] | string>>>();

/** Of whole minutes: a range that moves with the clock asks for the same ones again. */
function keptLags(app: App, feed: Feed, picture: Picture, filter: Filter): Promise<readonly Lag[] | string> {
  const from = filter.from === null ? null : Math.floor(filter.from / MINUTE_MS) * MINUTE_MS;
  const wanted = { ...filter, from };
  let ofPicture = lagsKept.get(picture);
  if (ofPicture === undefined) lagsKept.set(picture, (ofPicture = new Map()));
  const key = JSON.stringify(wanted);
  let known = ofPicture.get(key);
  if (known === undefined) {
    known = lagsOf(app, feed, picture, wanted);
    // An engine that is away is asked again; whoever waits is told what was thrown.
    known.then(
      (lags) => typeof lags === "string" && ofPicture.delete(key),
      () => ofPicture.delete(key),
    );
    ofPicture.set(key, known);
    if (ofPicture.size > MOST_KEPT) ofPicture.delete(ofPicture.keys().next().value!);
  }
  return known;
}

/** A sentence where it cannot be told. */
async function lagsOf(app: App, feed: Feed, picture: Picture, filter: Filter): Promise<readonly Lag[] | string> {
  const ordering = feed.fields[feed.ordering]!.type;
  if (ordering.kind !== "timestamp")
    return "The ordering field of this feed is no time: how late events were is not known.";
  if (picture.instant === null) return [];
  try {
    const { reader } = app.tables(feed.name);
    const found = await reader.snapshotWithMeta({ at: picture.position, filter, limit: MOST_LAGS });
    if (found.kind === "gone") return "The rows of this instant are no longer kept with their commits.";
    const scale = ordering.unit === "micros" ? 1_000 : 1;
    return found.rows.flatMap(({ row, meta }) => {
      const [committed, updated] = [instantMs(meta[0]), Number(row[feed.ordering]) / scale];
      return committed === null || !Number.isFinite(updated)
        ? []
        : [{ at: eventTimeOf(feed, row), ms: Math.max(0, committed - updated) }];
    });
  } catch (error) {
    if (error instanceof AppError && error.code === "engine-unavailable") return `Not known now: ${error.message}`;
    throw error;
  }
}
