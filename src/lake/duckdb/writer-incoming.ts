/** The first step of a commit: its rows into DuckDB, and what the tables hold of their like. */
import { eventTimeOf, keyOf, rankOf } from "../../model/feed";
import type { Row } from "../../model/value";
import type { TimelineInstant } from "../hudi/timeline";
import { createBatchTable, loadBatch } from "./batch";
import type { Group } from "./index-groups";
import type { Incoming, Stored } from "./merge";
import { allSettled } from "./settled";
import { equalRows, loadLoggedRows, slicesOf, storedRows } from "./writer-lookup";
import type { WriterParts } from "./writer-parts";

export interface LookedUp {
  /** The versions that are new, in order of arrival. */
  incoming: Incoming[];
  /** What the state holds for keys of the batch. */
  stored: Map<string, Stored[]>;
}

/** @param rows canonical and distinct; a row's arrival is its index */
export async function lookUp(parts: WriterParts, rows: readonly Row[]): Promise<LookedUp> {
  const { feed, engine, main, keys, versions } = parts;
  const { batch } = parts.tables;
  await engine.write(async (c) => {
    await createBatchTable(c, batch, feed);
    await loadBatch(c, batch, feed, rows);
  });
  const places = rows.map((row) => parts.partitionAt(eventTimeOf(feed, row)));
  const partitions = new Set(places);
  const known = new Set<number>();
  const stored = new Map<string, Stored[]>();
  const findStored = engine.write(async (c) => {
    const found = await keys.candidates(c, batch, ({ partition }) => partitions.has(partition));
    const slices = slicesOf(main, groupsOf(found));
    if (versions === null) for (const n of await equalRows(c, feed, batch, main, slices)) known.add(n);
    for (const [key, row] of await storedRows(c, feed, batch, main, slices)) stored.set(key, row);
  });
  const findKnown = engine.write(async (c) => {
    if (versions === null) return;
    const found = await versions.index.candidates(c, batch, (group) => mayHold(parts, group, rows));
    const slices = slicesOf(versions.table, groupsOf(found));
    for (const n of await equalRows(c, feed, batch, versions.table, slices)) known.add(n);
  });
  await allSettled([findStored, findKnown]);
  const incoming = rows.flatMap((row, n) => (known.has(n) ? [] : [incomingOf(parts, row, n, places[n]!)]));
  return { incoming, stored };
}

const groupsOf = (found: readonly { group: Group }[]): Group[] => found.map(({ group }) => group);

/** Equal messages have equal event times. */
function mayHold({ feed }: WriterParts, { span }: Group, rows: readonly Row[]): boolean {
  if (span === null) return true;
  return rows.some((row) => eventTimeOf(feed, row) >= span.min && eventTimeOf(feed, row) <= span.max);
}

const incomingOf = ({ feed }: WriterParts, row: Row, n: number, partition: string): Incoming => ({
  n,
  key: keyOf(feed, row),
  ordering: row[feed.ordering] ?? null,
  rank: rankOf(feed, row),
  partition,
});

/** The same for a commit that the log has and the state has not: its rows come from the log. */
export async function lookUpLogged(
  parts: WriterParts,
  done: TimelineInstant,
): Promise<LookedUp & { staged: readonly string[] }> {
  const { feed, engine, main, keys, tables } = parts;
  const log = parts.log!;
  const { writeStats, extra } = await log.commitMetadata(done);
  const written = writeStats.map(({ fileId, partitionPath }) => ({ fileId, partition: partitionPath }));
  const logged = slicesOf(log, written);
  return engine.write(async (c) => {
    await createBatchTable(c, tables.batch, feed);
    const incoming = await loadLoggedRows(c, feed, tables.batch, log, logged, done.instant, parts.partitionAt);
    const found = await keys.candidates(c, tables.batch, () => true);
    const stored = await storedRows(c, feed, tables.batch, main, slicesOf(main, groupsOf(found)));
    return { incoming, stored, staged: extra.get("weir_staged")?.split(",") ?? [] };
  });
}
