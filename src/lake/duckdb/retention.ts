/**
 * Lets the rows of a feed go that are past its retention: whole partitions of the state (or of the one table of an append
 * feed), under an instant of their own. Readers see it as a commit that changes nothing and from which keys are gone; files
 * go with a later clean, and the log is left as it is.
 */
import type { DuckDBConnection } from "@duckdb/node-api";
import type { Instant } from "../../model/instant";
import { positionOf } from "../../model/position";
import { COMMITTED_AT } from "../hudi/commit-metadata";
import { DROP_OPERATION, LEFT, leftText, MOST_TOLD, type Drop } from "../hudi/drops";
import { epochOf } from "../hudi/epoch";
import { endsBy, expiredBefore } from "../hudi/expiry";
import { hudiSchema } from "../hudi/feed-schema";
import { partitionCreated, type FileSlice } from "../hudi/table";
import { Transaction } from "../hudi/transaction";
import type { Commit } from "../writer";
import { countedVersions } from "./drop-rule";
import { columnOf, timestampLiteral } from "./filter-sql";
import { byArrival, foldQuery } from "./log-fold";
import { FileScanner } from "./scan-files";
import type { WriterParts } from "./writer-parts";

/**
 * One drop of everything that is past its time at `now`, or null when nothing is.
 *
 * @param nextInstant greater than every instant of the tables
 */
export async function dropExpired(
  parts: WriterParts,
  now: number,
  nextInstant: () => Instant,
): Promise<{ commit: Commit | null; partitions: ReadonlySet<string> } | null> {
  const { feed, main, clock } = parts;
  if (feed.retentionMs === null) return null;
  const before = expiredBefore(feed, { now, retentionMs: feed.retentionMs }, main.drops);
  const expired = main.slices().filter(({ partition }) => endsBy(partition, before));
  if (expired.length === 0) return null;
  const startedAt = performance.now();
  const from = main.head;
  const { left, rows, moved } = await leaving(parts, expired, before);
  const fileIds = idsByPartition(expired);
  const partitions = new Map<string, Instant>();
  for (const partition of fileIds.keys()) partitions.set(partition, await partitionCreated(main, partition));
  const transaction = await Transaction.begin(main, nextInstant(), DROP_OPERATION, "replacecommit");
  const committedAt = clock.now();
  const extra = new Map([
    ["schema", hudiSchema(main.properties.name, feed, feed.partitionColumn)],
    [COMMITTED_AT, String(committedAt)],
    [LEFT, leftText({ before, rows, partitions, moved })],
  ]);
  await transaction.complete(extra, committedAt, fileIds);
  const { instant } = transaction;
  const epoch = epochOf(main);
  const commit: Commit = {
    instant,
    committedAt,
    from: positionOf(epoch, from),
    to: positionOf(epoch, instant),
    up: [],
    del: left,
    versions: 0,
    duplicates: 0,
    partitions: [...partitions.keys()].map((path) => path.slice(feed.partitionColumn.length + 1)).sort(),
    durationMs: performance.now() - startedAt,
  };
  return { commit: rows > MOST_TOLD ? null : commit, partitions: new Set(partitions.keys()) };
}

function idsByPartition(slices: readonly FileSlice[]): Map<string, string[]> {
  const ids = new Map<string, string[]>();
  for (const { partition, fileId } of slices) {
    const known = ids.get(partition);
    if (known) known.push(fileId);
    else ids.set(partition, [fileId]);
  }
  return ids;
}

type Leaving = Pick<Drop, "rows" | "moved"> & { left: string[] };

/** The keys whose rows go, how many they are, and which of them have versions that do not go by their time. */
async function leaving(parts: WriterParts, expired: readonly FileSlice[], before: number): Promise<Leaving> {
  const { feed, engine, main, versions } = parts;
  const scanner = new FileScanner(main.storage, feed);
  const key = columnOf(feed, feed.key);
  return engine.write(async (connection) => {
    const list = (sql: string) => firstColumn(connection, sql);
    const keys =
      feed.writeMode === "append"
        ? await oldWinners(parts, scanner, connection, before)
        : `SELECT ${key} AS k FROM ${await scanner.source(connection, expired)}`;
    const name = `left_${feed.name}`;
    await connection.run(`CREATE OR REPLACE TEMP TABLE ${name} AS ${keys}`);
    try {
      const kept = versions?.table.slices() ?? [];
      if (kept.length === 0) return { moved: [], ...(await told(connection, name)) };
      const later = `${columnOf(feed, feed.eventTime)} >= ${timestampLiteral(before)}`;
      const moved = await list(
        `SELECT DISTINCT ${key} FROM ${await scanner.source(connection, kept)} s SEMI JOIN ${name} l ON l.k = s.${key} WHERE ${later}`,
      );
      return { moved, ...(await told(connection, name)) };
    } finally {
      await connection.run(`DROP TABLE IF EXISTS ${name}`);
    }
  });
}

async function told(connection: DuckDBConnection, name: string): Promise<{ rows: number; left: string[] }> {
  const [count] = await firstColumn(connection, `SELECT count(DISTINCT k)::VARCHAR FROM ${name}`);
  const left = await firstColumn(connection, `SELECT DISTINCT k FROM ${name} ORDER BY k LIMIT ${MOST_TOLD}`);
  return { rows: Number(count), left };
}

async function firstColumn(connection: DuckDBConnection, sql: string): Promise<string[]> {
  return (await (await connection.run(sql)).getRowsJS()).map(([value]) => value as string);
}

/** SQL of the keys of an append feed whose newest version is past its time. */
async function oldWinners(
  { feed, main }: WriterParts,
  scanner: FileScanner,
  connection: DuckDBConnection,
  before: number,
): Promise<string> {
  const until = main.head!;
  const source = await scanner.source(connection, [...main.slices()].sort(byArrival));
  const folded = foldQuery(feed, { source, until, versions: countedVersions(feed, main.drops, until) });
  return `SELECT _key AS k FROM (${folded}) WHERE _time < ${timestampLiteral(before)}`;
}
