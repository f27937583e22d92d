/** A table that somebody else writes: where it is found, and what it is. */
import { AppError } from "../../../model/app-error";
import type { Feed } from "../../../model/feed";
import { SparkError } from "../thrift/faults";
import { quotedLiteral } from "../sql/literals";
import { identifier, sql } from "../sql/sql";
import { isUnknownTable, tableIn } from "../tables";
import type { SparkQueries, SparkTableName } from "../reader/feed-source";
import { tableProperties } from "../reader/procedures";
import { assertFollowable, type TableColumn, type TableColumns } from "./adopted-columns";

export interface AdoptedTableOptions {
  feed: Feed;
  spark: SparkQueries;
  /** Spark's database, in which the table has the feed's name. */
  database: string;
  /** Folder of the table as Spark sees it, from which it is attached when the catalog has none; null = the catalog alone. */
  location: string | null;
}

export interface AdoptedTable {
  name: SparkTableName;
  columns: TableColumns;
  /** Its timeline names the times of completion: versions 8 and 9. */
  tellsCompletion: boolean;
  /** What makes it this table and no other. */
  identity: readonly string[];
}

const VERSIONS = new Set(["6", "8", "9"]);

/**
 * Null while there is no such table.
 *
 * @throws AppError read-only when it is of a kind that cannot be followed, engine-unavailable
 */
export async function findAdopted(options: AdoptedTableOptions): Promise<AdoptedTable | null> {
  const { feed, spark, database, location } = options;
  const name = { path: `${database}.${feed.name}`, sql: tableIn(database, feed.name) };
  const columns = (await columnsOf(spark, name)) ?? (await attached(options, name));
  if (columns === null) return null;
  assertFollowable(feed, columns, name.path);
  const properties = await tableProperties(spark, name);
  const refuse = (reason: string) =>
    new AppError("read-only", `The table ${name.path} cannot be followed, because ${reason}.`);
  const version = properties.get("hoodie.table.version") ?? "missing";
  if (!VERSIONS.has(version)) throw refuse(`its version is ${version} (versions 6, 8 and 9 are read)`);
  const type = properties.get("hoodie.table.type");
  if (type !== "COPY_ON_WRITE") throw refuse(`its type is ${type ?? "missing"} (only COPY_ON_WRITE is read)`);
  const identity = [
    properties.get("weir.table.id") ?? properties.get("hoodie.table.name") ?? name.path,
    version,
    location ?? "",
  ];
  return { name, columns, tellsCompletion: version !== "6", identity };
}

/** Null when Spark does not know the table. */
async function columnsOf(spark: SparkQueries, name: SparkTableName): Promise<TableColumns | null> {
  try {
    const { rows } = await spark.query(sql`DESCRIBE TABLE ${name.sql}`);
    const columns = new Map<string, TableColumn>();
    for (const [column, type] of rows) {
      const text = String(column ?? "");
      if (text === "" || text.startsWith("#")) break; // what partitions it follows
      columns.set(text.toLowerCase(), { name: text, type: String(type).toLowerCase() });
    }
    return columns;
  } catch (error) {
    if (isUnknownTable(error)) return null;
    throw error;
  }
}

/** Makes the table of a folder known to Spark; null when there is none in it. */
async function attached(
  { spark, database, location }: AdoptedTableOptions,
  name: SparkTableName,
): Promise<TableColumns | null> {
  if (location === null) return null;
  await spark.query(sql`CREATE DATABASE IF NOT EXISTS ${identifier(database)}`);
  try {
    await spark.query(sql`CREATE TABLE IF NOT EXISTS ${name.sql} USING hudi LOCATION ${quotedLiteral(location)}`);
  } catch (error) {
    // Without a table in the folder Spark wants the columns of a new one.
    if (error instanceof SparkError && error.message.startsWith("Missing schema for Create Table")) return null;
    throw error;
  }
  return columnsOf(spark, name);
}
