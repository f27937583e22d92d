/** From an older position to the present one, for clients that the ring no longer reaches. */
import type { FeedReader } from "../lake/reader";
import type { ViewDelta } from "../model/delta";
import { keyOf, type Feed } from "../model/feed";
import type { Position } from "../model/position";
import { sameValue, type Row } from "../model/value";
import type { ResetReason } from "./frames";
import type { TopicHead } from "./topic";

/** Rows beyond which loading the page again is cheaper than the way to the head. */
export const MOST_CAUGHT_UP = 20_000;

export type CaughtUp = { kind: "delta"; delta: ViewDelta } | { kind: "reset"; reason: ResetReason };

/**
 * The change of a hot window from `since` to `head`.
 *
 * The lake tells which rows changed, but not which old rows came into the window because others left it: each row that left
 * or moved lets one in at the far end. So as many of the oldest rows are sent along; those that the client has are unchanged.
 */
export async function catchUpFeed(
  feed: Feed,
  reader: FeedReader,
  since: Position,
  head: TopicHead,
  window: readonly Row[],
): Promise<CaughtUp> {
  const changes = await reader.changes(since, head.position, MOST_CAUGHT_UP);
  if (changes.kind === "gone" || changes.kind === "too-many") return { kind: "reset", reason: "expired" };
  if (changes.kind === "reset") return { kind: "reset", reason: changes.reason };
  const changed = changes.up.length + changes.del.length;
  if (changed > MOST_CAUGHT_UP) return { kind: "reset", reason: "expired" };
  const up = new Map(changes.up.map((row) => [keyOf(feed, row), row]));
  let owed = changed;
  for (let i = window.length - 1; i >= 0 && owed > 0; i--) {
    const key = keyOf(feed, window[i]!);
    if (up.has(key)) continue;
    up.set(key, window[i]!);
    owed--;
  }
  return { kind: "delta", delta: deltaTo(head, since, [...up.values()], changes.del) };
}

/** The change between two states of a keyed view. */
export function difference(shape: Feed, before: readonly Row[], after: readonly Row[]): { up: Row[]; del: string[] } {
  const old = new Map(before.map((row) => [keyOf(shape, row), row]));
  const up: Row[] = [];
  for (const row of after) {
    const key = keyOf(shape, row);
    const known = old.get(key);
    if (known === undefined || !sameValue(known, row)) up.push(row);
    old.delete(key);
  }
  return { up, del: [...old.keys()] };
}

/** The whole view as a change from before everything. */
export function wholeView(since: Position, head: TopicHead, rows: readonly Row[]): CaughtUp {
  if (rows.length > MOST_CAUGHT_UP) return { kind: "reset", reason: "expired" };
  return { kind: "delta", delta: deltaTo(head, since, rows, []) };
}

export const deltaTo = (head: TopicHead, from: Position, up: readonly Row[], del: readonly string[]): ViewDelta => ({
  from,
  to: head.position,
  up,
  del,
  floor: head.floor,
  at: head.committedAt,
  counts: head.counts,
});
