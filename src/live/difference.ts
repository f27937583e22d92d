/**
 * What changed between two commits of a feed. Problems and counts are compared whole, from digests, which are cheap; of batches
 * only those that a changed row belongs to are folded, at both ends, because fetching and folding two windows takes seconds.
 * Where what changed is not kept (a pinned instant) or is most of the window, two pictures are compared.
 */
import type { FeedReader, Head } from "../lake/reader";
import { attemptFields, type AttemptFields } from "../model/attempt";
import type { StatusCounts } from "../model/delta";
import { changesBetween, type RowChange } from "../model/difference";
import { keyOf, type Feed } from "../model/feed";
import { EVERYTHING } from "../model/filter";
import type { Position } from "../model/position";
import type { Row, WireValue } from "../model/value";
import { viewShape } from "../model/view";
import { AttemptFold } from "../model/view-fold";
import { rowsOrGone } from "./past";
import type { Standing } from "./picture";

export interface FeedDifference {
  from: Standing;
  to: Standing;
  /** Rows of the state that are new or changed, and that left; null when that is not kept. */
  rows: { changed: number; left: number } | null;
  /** Rows per status at both ends. */
  counts: { before: StatusCounts | null; after: StatusCounts | null };
  /** At the earlier end, in the order of the view. */
  problemsBefore: readonly Row[];
  problems: readonly RowChange[];
  batches: readonly RowChange[];
}

/** What is needed of `Live`. */
export interface DifferenceSource {
  feed: Feed;
  reader: FeedReader;
  overview: (at: Head) => Promise<{ problems: readonly Row[]; counts: StatusCounts | null }>;
  batches: (at: Head) => Promise<readonly Row[]>;
}

/** Changed rows beyond which two whole pictures are less to read. */
const MOST_CHANGED = 60_000;

/** @throws AppError gone, engine-unavailable */
export async function compareCommits(source: DifferenceSource, from: Head, to: Head): Promise<FeedDifference> {
  const { feed } = source;
  const [before, after, changed] = await Promise.all([
    source.overview(from),
    source.overview(to),
    changedBatches(source, from, to),
  ]);
  return {
    from: standingOf(from),
    to: standingOf(to),
    rows: changed.rows,
    counts: { before: before.counts, after: after.counts },
    problemsBefore: before.problems,
    problems: changesBetween(viewShape("problems", feed.name).key, before.problems, after.problems),
    batches: changed.batches,
  };
}

async function changedBatches(
  source: DifferenceSource,
  from: Head,
  to: Head,
): Promise<Pick<FeedDifference, "rows" | "batches">> {
  const { feed, reader } = source;
  const fields = attemptFields(feed);
  const { key } = viewShape("batches", feed.name);
  const changes = await reader.changes(from.position, to.position, MOST_CHANGED);
  if (changes.kind !== "delta") {
    if (fields === null) return { rows: null, batches: [] };
    const [before, after] = await Promise.all([source.batches(from), source.batches(to)]);
    return { rows: null, batches: changesBetween(key, before, after) };
  }
  const rows = { changed: changes.up.length, left: changes.del.length };
  if (fields === null) return { rows, batches: [] };
  const { before, after } = await touchedRows(source, fields, from, changes.up, changes.del);
  const [was, is] = [before, after].map((own) => new AttemptFold(fields, own, { only: "batches" }).rows("batches"));
  return { rows, batches: changesBetween(key, was!, is!) };
}

/** All rows of the batches that changed, at both ends. */
async function touchedRows(
  { feed, reader }: DifferenceSource,
  fields: AttemptFields,
  from: Head,
  up: readonly Row[],
  del: readonly string[],
): Promise<{ before: Row[]; after: Row[] }> {
  const { correlationId } = fields;
  const rowsOf = async (field: number, values: readonly WireValue[]): Promise<readonly Row[]> => {
    if (values.length === 0 || from.instant === null) return [];
    return rowsOrGone(feed, from, await reader.snapshot(rowsWith(fields, from.position, field, values)));
  };
  const left = await rowsOf(feed.key, del);
  const touched = [...new Set([...up, ...left].map((row) => row[correlationId]!))];
  const before = await rowsOf(correlationId, touched);
  const gone = new Set([...del, ...up.map((row) => keyOf(feed, row))]);
  return { before: [...before], after: [...before.filter((row) => !gone.has(keyOf(feed, row))), ...up] };
}

function rowsWith(fields: AttemptFields, at: Position, field: number, values: readonly WireValue[]) {
  const columns = [{ field, negated: false, values: values as (string | number | boolean | null)[] }];
  return { at, filter: { ...EVERYTHING, columns }, limit: Number.MAX_SAFE_INTEGER - 1, fields: batchFields(fields) };
}

/** Indexes of the fields that the summary of a batch is made of. */
function batchFields({ feed, errorMessage, ...more }: AttemptFields): number[] {
  const own = Object.values(more).filter((field): field is number => typeof field === "number");
  const ordered = [feed.key, feed.eventTime, feed.ordering, ...(feed.rank ? [feed.rank.field] : [])];
  return [...new Set([...own, ...ordered])].filter((field) => field >= 0 && field !== errorMessage);
}

const standingOf = ({ position, instant, committedAt }: Standing): Standing => ({ position, instant, committedAt });
