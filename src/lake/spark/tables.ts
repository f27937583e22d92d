/**
 * The tables of a feed in Spark's catalog. Weir makes them on the disk (so that version 6 keeps the names that older releases
 * write) and attaches them here. What guards version 6 and single commits goes along as table properties: a catalog in memory
 * loses them when the server ends, so a table that is missing is attached again.
 */
import { AppError } from "../../model/app-error";
import { SparkError } from "./thrift/faults";
import type { SparkSession } from "./thrift/session";
import { quotedLiteral } from "./sql/literals";
import { identifier, join, qualified, sql, type Sql } from "./sql/sql";

export interface SparkTable {
  name: string;
  /** Folder as Spark sees it, `file:/srv/lake/pipeline_events`. */
  location: string;
  /** Of a state that is cut into buckets: how many, by a hash of which column. */
  buckets?: { count: number; column: string };
}

const HEARTBEAT_MS = 5_000;
const HEARTBEATS_MISSED = 3;
/** A pending commit whose heartbeat is older than this has no writer any more. */
export const HEARTBEAT_EXPIRES_MS = HEARTBEAT_MS * (HEARTBEATS_MISSED + 1);

const BUCKET_COUNT = "hoodie.bucket.index.num.buckets";

/** Kept by every writer of the table that goes through this catalog, whatever its own settings are. */
const PROPERTIES: Readonly<Record<string, string>> = {
  // Without these two the first write turns version 6 into version 9, without a word.
  "hoodie.write.table.version": "6",
  "hoodie.write.auto.upgrade": "false",
  // It would hide what the embedded engine commits.
  "hoodie.metadata.enable": "false",
  "hoodie.parquet.bloom.filter.enabled": "false",
  // The belt against two writers: without it both answer that they succeeded, and one batch is lost.
  "hoodie.write.concurrency.mode": "optimistic_concurrency_control",
  "hoodie.clean.failed.writes.policy": "LAZY",
  "hoodie.write.lock.provider": "org.apache.hudi.client.transaction.lock.InProcessLockProvider",
  // With that belt, what a statement leaves behind that was cut short is no longer removed by the next one: a writer shows that
  // it lives by touching a file, and what nobody touches is rolled back by us.
  "hoodie.client.heartbeat.interval_in_ms": String(HEARTBEAT_MS),
  "hoodie.client.heartbeat.tolerable.misses": String(HEARTBEATS_MISSED),
};

/** Hudi keeps neither index nor count with the table: whoever writes has to say them. */
const bucketProperties = ({ buckets }: SparkTable): Readonly<Record<string, string>> =>
  buckets === undefined
    ? {}
    : {
        "hoodie.index.type": "BUCKET",
        "hoodie.index.bucket.engine": "SIMPLE",
        [BUCKET_COUNT]: String(buckets.count),
        "hoodie.bucket.index.hash.field": buckets.column,
      };

export const tableIn = (database: string, name: string): Sql => qualified(database, name);

/**
 * Attaches the tables that are not there.
 *
 * @returns what the catalog knows of each, in their order
 * @throws AppError read-only when a table of that name lies elsewhere
 */
export async function attachTables(
  session: SparkSession,
  database: string,
  tables: readonly SparkTable[],
): Promise<TableDescription[]> {
  await session.execute(sql`CREATE DATABASE IF NOT EXISTS ${identifier(database)}`);
  const described: TableDescription[] = [];
  for (const table of tables) described.push(await attachTable(session, database, table));
  return described;
}

/** The same for one table of a database that is there. */
export async function attachTable(
  session: SparkSession,
  database: string,
  table: SparkTable,
): Promise<TableDescription> {
  const { name, location } = table;
  const properties = Object.entries({ ...PROPERTIES, ...bucketProperties(table) }).map(
    ([key, value]) => sql`${quotedLiteral(key)} = ${quotedLiteral(value)}`,
  );
  await session.execute(sql`CREATE TABLE IF NOT EXISTS ${tableIn(database, name)} USING hudi
    TBLPROPERTIES (${join(properties)}) LOCATION ${quotedLiteral(location)}`);
  const described = await describeTable(session, database, name);
  refuseElsewhere(described, database, table);
  return described;
}

/** What Spark's catalog knows of a table. */
export interface TableDescription {
  /** Types by the names of the columns, in lower case. */
  columns: ReadonlyMap<string, string>;
  /** Names of the columns by which it is partitioned, in lower case. */
  partitions: ReadonlySet<string>;
  /** `EXTERNAL`: its files stay when the catalog forgets it. */
  type: string;
  location: string;
  /** Its properties as one text, `[key=value, …]`. */
  properties: string;
}

export async function describeTable(session: SparkSession, database: string, name: string): Promise<TableDescription> {
  const { rows } = await session.query(sql`DESCRIBE TABLE EXTENDED ${tableIn(database, name)}`);
  const lines = rows.map(([column, value]) => [String(column ?? ""), String(value ?? "")] as const);
  const end = (from: number) => {
    const at = lines.findIndex(([column], i) => i >= from && (column === "" || column.startsWith("#")));
    return at === -1 ? lines.length : at;
  };
  const partitioned = lines.findIndex(([column]) => column === "# col_name") + 1;
  const partitions = partitioned === 0 ? [] : lines.slice(partitioned, end(partitioned));
  const property = (wanted: string) => lines.findLast(([column]) => column === wanted)?.[1] ?? "";
  return {
    columns: new Map(lines.slice(0, end(0)).map(([column, type]) => [column.toLowerCase(), type])),
    partitions: new Set(partitions.map(([column]) => column.toLowerCase())),
    type: property("Type"),
    location: property("Location"),
    properties: property("Table Properties"),
  };
}

/** Spark does not know the table (any more). */
export const isUnknownTable = (error: unknown): boolean =>
  error instanceof SparkError && /^(TABLE_OR_VIEW|SCHEMA)_NOT_FOUND$/.test(error.errorClass ?? "");

function refuseElsewhere({ location: found, properties }: TableDescription, database: string, table: SparkTable): void {
  const { name, location, buckets } = table;
  if (pathOf(found) === pathOf(location)) {
    const count = new RegExp(`${BUCKET_COUNT.replaceAll(".", "\\.")}=(\\d+)`).exec(properties)?.[1];
    if (count === buckets?.count.toString()) return;
    throw new AppError(
      "read-only",
      `Spark's catalog has ${database}.${name} with ${count ?? "no"} buckets, and its feed declares ${buckets?.count ?? "none"}: take it out of the catalog (DROP TABLE ${database}.${name}; its files stay), and it is attached rightly.`,
    );
  }
  throw new AppError(
    "read-only",
    `Spark's table ${database}.${name} lies in ${found}, not in ${location}: name another database in WEIR_SPARK_URL, or set WEIR_LAKE_URL to where its tables are.`,
  );
}

const pathOf = (location: string): string => location.replace(/^file:\/*/, "/").replace(/\/+$/, "");
