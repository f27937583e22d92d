/** Rows of a topic a page at a time: from memory, behind it from the lake, and of the past from the lake alone. */
import type { FeedReader, Head, RowCursor } from "../lake/reader";
import { AppError } from "../model/app-error";
import type { Floor, StatusCounts } from "../model/delta";
import { eventTimeOf, keyOf, type Feed } from "../model/feed";
import { matcher, type Filter } from "../model/filter";
import { compareText, type Row } from "../model/value";
import type { Topic as TopicName } from "../model/view";
import type { FeedFollower } from "./follower";
import { goneAt, rowsOrGone } from "./past";
import { standingOf, type Standing } from "./picture";

/** A view at one position, ready to be rendered: the same for the present and the past. */
export interface ViewSnapshot extends Standing {
  topic: TopicName;
  /** Fields, key, time and status of the rows. */
  shape: Feed;
  /** Event time descending, then key ascending. Never changed afterwards. */
  rows: readonly Row[];
  floor: Floor | null;
  counts: StatusCounts | null;
  /** Rows of the view. */
  total: number;
}

export interface PageQuery {
  filter: Filter;
  limit: number;
  after?: RowCursor;
  at: Head | null;
}

export interface ViewPage extends Omit<ViewSnapshot, "rows" | "floor" | "counts" | "total"> {
  rows: Row[];
  /** Where the next page begins, null when this is the last. */
  next: RowCursor | null;
  /** Rows of the hot window that match the filter. */
  total: number;
}

/**
 * Rows of what is in memory, and those behind it, which only a feed has.
 *
 * @throws AppError gone, engine-unavailable
 */
export async function hotPage(snapshot: ViewSnapshot, reader: FeedReader, query: PageQuery): Promise<ViewPage> {
  const { filter, limit, after } = query;
  const { topic, shape, floor } = snapshot;
  const matches = matcher(shape, filter);
  const isAfter = (row: Row) => after === undefined || compareToCursor(shape, row, after) > 0;
  const rows: Row[] = [];
  let total = 0;
  for (const row of snapshot.rows) {
    if (!matches(row)) continue;
    total++;
    if (rows.length <= limit && isAfter(row)) rows.push(row);
  }
  const reachesBehind = floor !== null && (filter.from === null || filter.from <= floor[0]);
  if (rows.length <= limit && reachesBehind) {
    const end: RowCursor = { eventTime: floor[0], key: floor[1] };
    const beyond = after && compareCursors(after, end) > 0 ? after : end;
    const at = snapshot.position;
    const answer = await reader.snapshot({ at, filter, limit: limit + 1 - rows.length, after: beyond });
    if (answer.kind === "gone")
      throw new AppError("gone", `Position ${at} of feed ${shape.name} is no longer kept.`, {
        oldest: answer.oldestInstant,
      });
    rows.push(...answer.rows);
  }
  return { topic, shape, ...standingOf(snapshot), ...cutAt(shape, rows, limit), total };
}

/**
 * The same of a feed at a past commit, without everything else that was in memory then.
 *
 * @throws AppError gone, engine-unavailable
 */
export async function pastPage(
  topic: TopicName,
  { feed, reader, hotRows }: Pick<FeedFollower, "feed" | "reader" | "hotRows">,
  { filter, limit, after }: PageQuery,
  at: Head,
): Promise<ViewPage> {
  const { position } = at;
  const [answer, counted] = await Promise.all([
    reader.snapshot({ at: position, filter, limit: limit + 1, ...(after && { after }) }),
    reader.count({ at: position, filter, within: hotRows }),
  ]);
  if (counted.kind === "gone") throw goneAt(feed, at, counted.oldestInstant);
  const rows = rowsOrGone(feed, at, answer);
  return { topic, shape: feed, ...standingOf(at), ...cutAt(feed, rows, limit), total: counted.count };
}

/** A page of rows of which there may be one too many: it begins the next page. */
function cutAt(shape: Feed, rows: readonly Row[], limit: number): { rows: Row[]; next: RowCursor | null } {
  const page = rows.slice(0, limit);
  const last = rows.length > limit ? page.at(-1) : undefined;
  return { rows: page, next: last ? { eventTime: eventTimeOf(shape, last), key: keyOf(shape, last) } : null };
}

const compareToCursor = (shape: Feed, row: Row, cursor: RowCursor): number =>
  compareCursors({ eventTime: eventTimeOf(shape, row), key: keyOf(shape, row) }, cursor);

const compareCursors = (a: RowCursor, b: RowCursor): number => b.eventTime - a.eventTime || compareText(a.key, b.key);
