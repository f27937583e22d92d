/**
 * What an engine tells of a table that somebody else writes. There is no log beside it: its own timeline says at which points it
 * can be read and how far back. `AdoptedReader` makes a feed's reader of that.
 */
import type { Filter } from "../../model/filter";
import type { Instant } from "../../model/instant";
import type { Point } from "../../model/position";
import type { WireValue } from "../../model/value";
import { isPoint, type Cut } from "../hudi/cuts";
import type { RowCursor, Statistics, TimelineEntry } from "../reader";

/** What a look at the table has found; none of it changes afterwards. */
export interface AdoptedLook {
  /** There is no table yet, or no more. */
  isAbsent: boolean;
  epoch: string;
  /** Points of its active timeline, oldest first. */
  cuts: readonly Cut[];
  /** Its cleaner has left everything that is needed from this commit on; null = everything. */
  keptSince: Instant | null;
}

export interface AskedRows {
  filter: Filter;
  /** Newest event time first, then key ascending. */
  limit: number;
  after?: RowCursor;
  /** Indexes of the fields that are wanted, in that order; absent = all. */
  fields?: readonly number[];
  /** Hudi's columns behind them: commit time, commit seqno, record key, partition path, file name, partition value. */
  withMeta?: boolean;
}

export interface Differences {
  up: WireValue[][];
  /** Keys that left. */
  del: string[];
}

/** All of these throw AppError engine-unavailable, and read-only when the table is of a kind that cannot be followed. */
export interface AdoptedSource {
  /** What there is, looked at once in a while for all callers together. */
  look(): Promise<AdoptedLook>;
  /** What the last look found, without waiting for one; null before the first. */
  known(): AdoptedLook | null;
  /** A look that begins now. */
  whole(): Promise<AdoptedLook>;
  /** Null: gone. */
  rows(point: Point, asked: AskedRows, signal?: AbortSignal): Promise<WireValue[][] | null>;
  /** How many of the newest `within` rows match; null: gone. */
  count(point: Point, filter: Filter, within: number): Promise<number | null>;
  /** What differs between two points that can be read, at most `limit` rows of it; null: gone. */
  differences(since: Cut, until: Cut, limit: number): Promise<Differences | null>;
  /** Null: gone. */
  statistics(point: Point): Promise<Statistics | null>;
  /** @param look from which the entries have their positions */
  timeline(
    look: AdoptedLook,
    query: { limit: number; after?: Instant },
  ): Promise<{ entries: TimelineEntry[]; next: Instant | null }>;
  /** Looks whether several rows share a key. From then on they are one row, and the epoch is another. */
  findDuplicates(): Promise<void>;
}

/** While there is no table. Eight letters, as other epochs. */
export const NOTHING: AdoptedLook = { isAbsent: true, epoch: "absent00", cuts: [], keptSince: null };

export const headOf = ({ cuts }: Pick<AdoptedLook, "cuts">): Cut | null => cuts.at(-1) ?? null;

/** The points at which the table can still be read, oldest first. */
export function readableCuts({ cuts, keptSince }: Pick<AdoptedLook, "cuts" | "keptSince">): readonly Cut[] {
  if (keptSince === null) return cuts;
  const first = cuts.findIndex(({ instant }) => instant >= keptSince);
  return first < 0 ? cuts.slice(-1) : cuts.slice(first);
}

export const cutAt = (look: Pick<AdoptedLook, "cuts">, point: Point): Cut | null =>
  look.cuts.find((cut) => isPoint(cut, point)) ?? null;

export const isReadable = (look: AdoptedLook, point: Point): boolean =>
  readableCuts(look).some((cut) => isPoint(cut, point));

export function isHead(look: AdoptedLook, point: Point): boolean {
  const head = headOf(look);
  return head !== null && isPoint(head, point);
}
