/** GET /api/v1/feeds/{feed}/rows: rows of one instant, as a page or as a stream. */
import type { RequestEvent } from "@builder.io/qwik-city";
import { createHash } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { once } from "node:events";
import type { App } from "../app";
import { AppError } from "../model/app-error";
import { keyOf, type Feed } from "../model/feed";
import type { Filter } from "../model/filter";
import { parseColumns } from "../model/columns";
import { isInstant, timeOf } from "../model/instant";
import { parsePosition } from "../model/position";
import { filterOf, nextOf, parseRowQuery, type RowPlace, type RowQuery } from "../model/row-query";
import { parseSort, type RowSort } from "../model/row-sort";
import type { Row } from "../model/value";
import { holds, keptForEver } from "./caching";
import { sortedRows, type SortedRows } from "../model/sorted-rows";
import { chooseFormat, contentTypeOf, rowShape, rowWriter, withMetaValues, type RowFormat } from "./row-formats";

const DEFAULT_LIMIT = 1_000;
const MAX_LIMIT = 1_000_000;
/** Larger answers are streamed in pieces of about this many rows. */
const PIECE_ROWS = 20_000;

type Reader = ReturnType<App["tables"]>["reader"];
type Picture = Awaited<ReturnType<App["live"]["picture"]>>;
type Head = Extract<Awaited<ReturnType<Reader["resolve"]>>, { kind: "head" }>;

interface Asked {
  feed: Feed;
  reader: Reader;
  query: RowQuery;
  filter: Filter;
  head: Head;
  format: RowFormat;
  withMeta: boolean;
  columns: readonly number[] | null;
  sort: RowSort | null;
  /** The answer where an order was chosen. */
  sorted: SortedRows | null;
}

/** @throws AppError unknown-feed, bad-parameter, gone */
export async function sendRows(app: App, ev: RequestEvent, feedName: string): Promise<void> {
  const asked = await understand(app, ev, feedName);
  const { head, query, format } = asked;
  const { headers } = ev;
  const etag = etagOf(asked);
  headers.set("ETag", etag);
  headers.append("Vary", "Accept");
  // What is sorted is the hot window, whose size is a matter of configuration.
  const isForEver = isFixed(query) && asked.sorted === null;
  headers.set("Cache-Control", isForEver ? keptForEver(app.config) : "no-cache");
  headers.set("Weir-Position", head.position);
  headers.set("Weir-Instant", head.instant ?? "0");
  if (asked.sorted) headers.set("Weir-Sorted-From", String(asked.sorted.sortedFrom ?? 0));
  if (holds(ev.request.headers.get("if-none-match"), etag)) {
    ev.send(304, "");
    return;
  }
  headers.set("Content-Type", contentTypeOf(format));
  if (query.limit <= PIECE_ROWS) ev.send(200, await wholeBody(asked, ev.signal));
  else await stream(asked, ev);
}

async function understand(app: App, ev: RequestEvent, feedName: string): Promise<Asked> {
  const { feed, reader } = app.tables(feedName);
  const now = app.clock.now();
  const limits = { limit: DEFAULT_LIMIT, maxLimit: MAX_LIMIT, others: ["format", "meta", "cols", "sort"] };
  const query = parseRowQuery(feed, ev.query, now, limits);
  const columns = parseColumns(feed, ev.query.get("cols"));
  const format = chooseFormat(ev.query.get("format"), ev.request.headers.get("accept"));
  const meta = ev.query.get("meta") ?? "false";
  if (meta !== "true" && meta !== "false") {
    throw new AppError("bad-parameter", `meta must be true or false, not ${JSON.stringify(meta)}.`, {
      parameter: "meta",
    });
  }
  const sort = parseSort(feed, ev.query.get("sort"));
  if (sort && meta === "true") {
    throw new AppError("bad-parameter", "Rows with meta stand newest first: leave out sort, or meta.", {
      parameter: "sort",
    });
  }
  const { head, rows } = await sourceOf(app, reader, { feed, query, sort });
  const filter = filterOf(query, head.instant === null ? now : timeOf(head.instant));
  const { limit, after } = query;
  const sorted = sort && rows ? sortedRows(rows, { feed, sort, filter, limit, after }) : null;
  return { feed, reader, query, filter, head, format, withMeta: meta === "true", columns, sort, sorted };
}

/** The commit that the answer is of, and where an order was chosen what is in memory of it. */
async function sourceOf(
  app: App,
  reader: Reader,
  { feed, query, sort }: Pick<Asked, "feed" | "query" | "sort">,
): Promise<{ head: Head; rows: Picture | null }> {
  const isPresent = query.at === null && query.after === null;
  if (sort === null) return { head: await headOf(reader, feed, query), rows: null };
  const rows = await app.live.picture(feed.name, isPresent ? null : await headOf(reader, feed, query));
  const { position, instant, committedAt } = rows;
  return { head: { kind: "head", position, instant, committedAt }, rows };
}

async function headOf(reader: Reader, feed: Feed, query: RowQuery): Promise<Head> {
  const at = query.after ? { position: query.after.position } : query.at;
  const resolved = at === null ? { kind: "head" as const, ...(await reader.head()) } : await reader.resolve(at);
  if (resolved.kind === "head") return resolved;
  const { oldestInstant } = resolved;
  const asked =
    at !== null && "position" in at ? parsePosition(at.position)?.instant : at && "instant" in at && at.instant;
  const nearest = asked && isInstant(asked) ? await reader.resolve({ time: timeOf(asked) }) : null;
  throw gone(feed, oldestInstant, nearest?.kind === "head" ? nearest.instant : oldestInstant);
}

function gone(feed: Feed, oldest: string | null, nearest: string | null): AppError {
  const cure = oldest === null ? "nothing is kept yet" : `the oldest instant that is kept is ${oldest}`;
  return new AppError("gone", `The feed ${feed.name} has no such instant, or not all events of then: ${cure}.`, {
    nearest,
    oldest,
  });
}

/** An instant or a position names one answer for ever; a time or nothing does not. */
const isFixed = ({ at, after }: RowQuery): boolean => after !== null || (at !== null && !("time" in at));

function etagOf({ head, query, filter, format, withMeta, columns, sort, sorted }: Asked): string {
  const order = sorted && [sort, sorted.sortedFrom];
  const all = [head.position, filter, query.limit, query.after?.place ?? null, format, withMeta, columns, order];
  return `"${createHash("sha256").update(JSON.stringify(all)).digest("base64url").slice(0, 22)}"`;
}

const writerOf = ({ feed, head, format, withMeta, columns, sorted }: Asked) =>
  rowWriter(format, rowShape(feed, withMeta, columns), {
    feed: feed.name,
    position: head.position,
    instant: head.instant,
    ...(sorted && { sortedFrom: sorted.sortedFrom }),
  });

async function wholeBody(asked: Asked, signal: AbortSignal): Promise<string> {
  const writer = writerOf(asked);
  let body = writer.begin();
  for await (const piece of pieces(asked, signal))
    body += writer.rows(piece.rows) + (piece.isLast ? writer.end(piece.next) : "");
  return body;
}

/**
 * On the raw response: a client that reads slowly holds up its own query and nobody else's, because no connection of the
 * engine is held between pieces.
 */
async function stream(asked: Asked, ev: RequestEvent): Promise<void> {
  const { raw } = (ev.platform as { incomingMessage: IncomingMessage & { raw?: ServerResponse } }).incomingMessage;
  const response = raw!;
  const closed = new AbortController();
  response.once("close", () => closed.abort());
  try {
    await writeAll(asked, ev.headers, response, closed.signal);
  } catch (error) {
    if (closed.signal.aborted) return; // the client left
    if (response.headersSent) response.destroy(); // a cut answer must not look like a whole one
    throw error;
  }
}

async function writeAll(asked: Asked, headers: Headers, response: ServerResponse, signal: AbortSignal): Promise<void> {
  const writer = writerOf(asked);
  for await (const piece of pieces(asked, signal)) {
    if (!response.headersSent) {
      for (const [name, value] of headers) response.setHeader(name, value);
      response.writeHead(200);
      response.write(writer.begin());
    }
    const text = writer.rows(piece.rows) + (piece.isLast ? writer.end(piece.next) : "");
    if (!response.write(text)) await once(response, "drain", { signal });
  }
  response.end();
}

const placeOf = (feed: Feed, row: Row): RowPlace => ({
  eventTime: row[feed.eventTime] as number,
  key: keyOf(feed, row),
});

/** A row as it is answered, beside the place where it stands. */
interface Found {
  row: Row;
  values: Row;
}

interface Piece {
  rows: readonly Row[];
  isLast: boolean;
  next: string | null;
}

/** At least one piece. */
async function* pieces(asked: Asked, signal: AbortSignal): AsyncGenerator<Piece> {
  if (asked.sorted === null) return yield* readPieces(asked, signal);
  const { rows, next } = asked.sorted;
  const end = Math.max(1, rows.length);
  for (let from = 0; from < end; from += PIECE_ROWS) {
    const isLast = from + PIECE_ROWS >= end;
    const piece = rows.slice(from, from + PIECE_ROWS);
    yield { rows: piece, isLast, next: isLast && next ? nextOf(asked.head.position, next) : null };
  }
}

/** One row more than asked is looked at, to know whether there is a next page. */
async function* readPieces(asked: Asked, signal: AbortSignal): AsyncGenerator<Piece> {
  const { feed, query, head } = asked;
  let left = query.limit;
  let last: Row | undefined;
  let waiting: readonly Row[] = [];
  let hasMore = false;
  for await (const found of source(asked, signal)) {
    if (waiting.length > 0) yield { rows: waiting, isLast: false, next: null };
    hasMore = found.length > left;
    const answered = found.slice(0, left);
    last = answered.at(-1)?.row ?? last;
    left -= answered.length;
    waiting = answered.map(({ values }) => values);
  }
  yield { rows: waiting, isLast: true, next: hasMore && last ? nextOf(head.position, placeOf(feed, last)) : null };
}

/** Up to one row more than asked. */
async function* source(asked: Asked, signal: AbortSignal): AsyncGenerator<Found[]> {
  const { reader, feed, head, filter, query, withMeta } = asked;
  const wanted = query.limit + 1;
  const place = query.after ? { after: query.after.place } : {};
  if (!withMeta && wanted > PIECE_ROWS) {
    for await (const rows of reader.scan({ at: head.position, filter, limit: wanted, ...place }, signal)) {
      yield rows.map((row) => ({ row, values: row }));
    }
    return;
  }
  let left = wanted;
  let after: RowPlace | undefined = query.after?.place;
  while (left > 0) {
    signal.throwIfAborted();
    const limit = Math.min(left, PIECE_ROWS + 1);
    const found = await read(asked, limit, after);
    if (found.length > 0) yield found;
    if (found.length < limit) return;
    after = placeOf(feed, found.at(-1)!.row);
    left -= found.length;
  }
}

async function read(
  { reader, feed, head, filter, withMeta }: Asked,
  limit: number,
  after: RowPlace | undefined,
): Promise<Found[]> {
  const query = { at: head.position, filter, limit, ...(after === undefined ? {} : { after }) };
  if (withMeta) {
    const answer = await reader.snapshotWithMeta(query);
    if (answer.kind === "gone") throw gone(feed, answer.oldestInstant, answer.oldestInstant);
    return answer.rows.map(({ row, meta }) => ({ row, values: withMetaValues(row, meta) }));
  }
  const answer = await reader.snapshot(query);
  if (answer.kind === "gone") throw gone(feed, answer.oldestInstant, answer.oldestInstant);
  return answer.rows.map((row) => ({ row, values: row }));
}
