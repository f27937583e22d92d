/** What a commit asks of the rows that the tables hold already. */
import type { DuckDBConnection } from "@duckdb/node-api";
import type { Feed } from "../../model/feed";
import type { WireValue } from "../../model/value";
import type { FileSlice, HudiTable } from "../hudi/table";
import { groupKey } from "../hudi/table";
import { ARRIVAL } from "./batch";
import { identifier, literal, literalList } from "./column-types";
import type { Group } from "./index-groups";
import type { Incoming, Stored } from "./merge";

const scan = (table: HudiTable, slices: readonly FileSlice[]): string =>
  `read_parquet(${literalList(slices.map(({ path }) => table.storage.locate(path)))}, union_by_name = true, hive_partitioning = false)`;

/** The newest slices of these groups. */
export function slicesOf(table: HudiTable, groups: Iterable<Pick<Group, "partition" | "fileId">>): FileSlice[] {
  const wanted = new Set([...groups].map(groupKey));
  return wanted.size === 0 ? [] : table.slices().filter((slice) => wanted.has(groupKey(slice)));
}

/** Arrivals of the batch's rows that these slices hold with every field equal. */
export async function equalRows(
  connection: DuckDBConnection,
  feed: Feed,
  batch: string,
  table: HudiTable,
  slices: readonly FileSlice[],
): Promise<Set<number>> {
  if (slices.length === 0) return new Set();
  const key = identifier(feed.fields[feed.key]!.name);
  const present = await columnsOf(connection, table, slices);
  const equal = feed.fields.map(({ name, type }) => {
    const column = identifier(name);
    if (!present.has(name)) return `b.${column} IS NULL`;
    // Other writers of the table (Spark) keep the entries of a map in any order.
    const comparable = (side: string) =>
      type.kind === "map" ? `list_sort(map_entries(${side}.${column}))` : `${side}.${column}`;
    return `${comparable("b")} IS NOT DISTINCT FROM ${comparable("s")}`;
  });
  const found = await connection.runAndReadAll(
    `SELECT DISTINCT b.${ARRIVAL} FROM ${scan(table, slices)} s JOIN ${batch} b ON s._hoodie_record_key = b.${key} WHERE ${equal.join(" AND ")}`,
  );
  return new Set(found.getRows().map(([n]) => n as number));
}

/** Names of the columns that any of the slices has: fields may be younger than a slice. */
async function columnsOf(connection: DuckDBConnection, table: HudiTable, slices: readonly FileSlice[]) {
  const described = await connection.runAndReadAll(`DESCRIBE SELECT * FROM ${scan(table, slices)}`);
  return new Set(described.getRows().map(([name]) => name as string));
}

/** The ordering value as text that keeps every digit: epoch ms or µs for timestamps. */
function orderingText(feed: Feed, prefix: string): string {
  const { name, type } = feed.fields[feed.ordering]!;
  const column = `${prefix}${identifier(name)}`;
  if (type.kind !== "timestamp") return `${column}::VARCHAR`;
  return `${type.unit === "millis" ? "epoch_ms" : "epoch_us"}(${column})::VARCHAR`;
}

const rankColumn = (feed: Feed, prefix: string): string =>
  feed.rank === null ? "NULL" : `${prefix}${identifier(feed.fields[feed.rank.field]!.name)}`;

const rankOfSymbol = (feed: Feed, symbol: unknown): number => feed.rank?.of.get(symbol as string) ?? -1;

/** Text of a long in wire form. */
function orderingOf(text: unknown): WireValue {
  const number = Number(text);
  return Number.isSafeInteger(number) ? number : (text as string);
}

/** The rows of the state, by key, that have a key of the batch and lie in these slices. */
export async function storedRows(
  connection: DuckDBConnection,
  feed: Feed,
  batch: string,
  table: HudiTable,
  slices: readonly FileSlice[],
): Promise<Map<string, Stored[]>> {
  const stored = new Map<string, Stored[]>();
  if (slices.length === 0) return stored;
  const key = identifier(feed.fields[feed.key]!.name);
  const found = await connection.runAndReadAll(
    `SELECT s._hoodie_record_key, ${orderingText(feed, "s.")}, ${rankColumn(feed, "s.")}, s.file_index::INTEGER
     FROM ${scan(table, slices)} s SEMI JOIN ${batch} b ON s._hoodie_record_key = b.${key}`,
  );
  for (const [id, ordering, rank, file] of found.getRows()) {
    const { partition, fileId } = slices[file as number]!;
    const row = { ordering: orderingOf(ordering), rank: rankOfSymbol(feed, rank), partition, fileId };
    const rows = stored.get(id as string);
    if (rows) rows.push(row);
    else stored.set(id as string, [row]);
  }
  return stored;
}

/**
 * Loads the rows that one commit put into the log, as a batch in their order of arrival.
 *
 * @returns what the merge needs to know of them
 */
export async function loadLoggedRows(
  connection: DuckDBConnection,
  feed: Feed,
  batch: string,
  table: HudiTable,
  slices: readonly FileSlice[],
  instant: string,
  partitionOf: (eventTimeMs: number) => string,
): Promise<Incoming[]> {
  if (slices.length === 0) return [];
  const names = feed.fields.map(({ name }) => identifier(name)).join(", ");
  await connection.run(
    `INSERT INTO ${batch} SELECT split_part(_hoodie_commit_seqno, '_', 3)::INTEGER AS n, ${names}
     FROM ${scan(table, slices)} WHERE _hoodie_commit_time = ${literal(instant)} ORDER BY n`,
  );
  const found = await connection.runAndReadAll(
    `SELECT ${ARRIVAL}, ${identifier(feed.fields[feed.key]!.name)}, ${orderingText(feed, "")}, ${rankColumn(feed, "")},
     epoch_ms(${identifier(feed.fields[feed.eventTime]!.name)}) FROM ${batch} ORDER BY ${ARRIVAL}`,
  );
  return found.getRows().map(([n, key, ordering, rank, eventTime]) => ({
    n: n as number,
    key: key as string,
    ordering: orderingOf(ordering),
    rank: rankOfSymbol(feed, rank),
    partition: partitionOf(Number(eventTime)),
  }));
}
