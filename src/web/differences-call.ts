/** What is different about the events of a feed that a filter selects: for the page and for the call. */
import type { RequestEventCommon } from "@builder.io/qwik-city";
import type { App } from "../app";
import { eventTimeOf, type Feed } from "../model/feed";
import { fieldDifferences, type FieldDifferences } from "../model/field-differences";
import { matcher, type Filter } from "../model/filter";
import { instantMs } from "../model/instant";
import { filterOf, parseRowQuery } from "../model/row-query";
import { headAt, type PageTime } from "./pages/page-time";

export interface Differences extends FieldDifferences {
  position: string;
  instant: string | null;
  committedAt: number | null;
  newestEventAt: number | null;
  /** Event times of the rows that were compared, epoch ms; null when there are none. */
  from: number | null;
  to: number | null;
  /** More rows are of that time than were compared: these are the newest. */
  isCut: boolean;
  /** Nothing but time was asked for, so that there is no rest. */
  isEverything: boolean;
}

/** The others are looked at too, but not by so many that other answers wait. */
const MOST_COMPARED = 50_000;
const LIMITS = { limit: 100, maxLimit: 1_000_000, others: ["cols"] };

/**
 * Within the hot window: the events of the time that is asked for are compared, those that match the rest of the filter with
 * those that do not.
 *
 * @throws AppError bad-parameter, gone
 */
export async function readDifferences(
  app: App,
  ev: RequestEventCommon,
  feed: Feed,
  head: PageTime["head"],
): Promise<Differences> {
  const query = parseRowQuery(feed, ev.query, app.clock.now(), LIMITS);
  const picture = await app.live.picture(feed.name, head);
  const { position, instant, committedAt } = picture;
  const filter = filterOf(query, instant === null ? app.clock.now() : instantMs(instant)!);
  const isInTime = matcher(feed, { ...filter, text: null, columns: [] });
  const rows = [];
  let isCut = false;
  for (const row of picture.rows) {
    if (!isInTime(row)) continue;
    isCut = rows.length === MOST_COMPARED;
    if (isCut) break;
    rows.push(row);
  }
  const fixed = query.columns.map(({ field }) => field);
  const isSelected = matcher(feed, { ...filter, from: null, to: null } satisfies Filter);
  const [newest, oldest] = [rows[0], rows.at(-1)];
  return {
    ...{ position, instant, committedAt },
    newestEventAt: picture.rows[0] ? eventTimeOf(feed, picture.rows[0]) : null,
    from: oldest ? eventTimeOf(feed, oldest) : null,
    to: newest ? eventTimeOf(feed, newest) : null,
    isCut: isCut || (picture.floor !== null && (filter.from === null || filter.from < picture.floor[0])),
    isEverything: query.text === null && query.columns.length === 0,
    ...fieldDifferences(feed, rows, isSelected, fixed),
  };
}

/** GET /api/v1/feeds/{feed}/differences. @throws AppError unknown-feed, bad-parameter, gone */
export async function sendDifferences(app: App, ev: RequestEventCommon, feedName: string): Promise<void> {
  const feed = app.feed(feedName);
  const { at } = parseRowQuery(feed, ev.query, app.clock.now(), LIMITS);
  const answer = await readDifferences(app, ev, feed, at && (await headAt(app, feedName, at)));
  const { position, instant, from, to, isCut, selected, rest, fields } = answer;
  ev.headers.set("Cache-Control", "no-store");
  ev.json(200, { feed: feedName, position, instant, from, to, isCut, selected, rest, fields });
}
