/** Rows of a table of any schema: its columns as its files have them. */
import { identifier, literal, literalList } from "../../lake/duckdb/column-types";
import type { DuckDBConnection } from "../../lake/duckdb/connection";
import type { FileSlice } from "../../lake/hudi/table";
import { AppError } from "../../model/app-error";
import type { OpenTable } from "./open-table";

export interface RowsAnswer {
  /** A sentence about what these rows are. */
  about: string;
  columns: readonly string[];
  /** A JSON text each; `left` are keys that are gone. */
  rows: readonly Record<string, unknown>[];
  left: readonly string[];
}

const KEY = "_hoodie_record_key";
const TIME = "_hoodie_commit_time";

const filesOf = ({ table }: OpenTable, slices: readonly FileSlice[]): string =>
  `read_parquet(${literalList(slices.map(({ path }) => table.storage.locate(path)))}, union_by_name = true, hive_partitioning = false)`;

/** In the order of partition and key. */
export async function rowsAt(connection: DuckDBConnection, open: OpenTable, limit: number): Promise<RowsAnswer> {
  const { instant } = open;
  const slices = instant === null ? [] : await open.slicesAt(instant);
  if (slices.length === 0)
    return { about: `no rows as of ${instant ?? "the beginning"}`, columns: [], rows: [], left: [] };
  const order = open.table.properties.hasMetaFields ? `ORDER BY _hoodie_partition_path, ${KEY}` : "ORDER BY ALL";
  const found = await fetch(connection, `SELECT * FROM ${filesOf(open, slices)} ${order} LIMIT ${limit + 1}`);
  const isCut = found.rows.length > limit;
  const about = `rows as of ${instant}, from ${slices.length} files${isCut ? `; the first ${limit}, more with --limit` : ""}`;
  return { ...found, about, rows: found.rows.slice(0, limit), left: [] };
}

/** @param since a commit, a time, or `0`: everything */
export async function changedRows(
  connection: DuckDBConnection,
  open: OpenTable,
  since: string,
  limit: number,
): Promise<RowsAnswer> {
  if (since === "0") return rowsAt(connection, open, limit);
  if (!open.table.properties.hasMetaFields)
    throw new AppError("bad-parameter", "Rows of this table do not say when they were committed (hoodie.populate.meta.fields=false)."); // prettier-ignore
  const from = await open.commitAt("--since", since);
  const { instant } = open;
  if (instant === null || from > instant)
    throw new AppError("bad-parameter", `--since ${from} lies after ${instant ?? "the beginning"}.`);
  const [before, after] = [await open.slicesAt(from), await open.slicesAt(instant)];
  const range = `in (${from}, ${instant}]`;
  const known = new Set(before.map(({ path }) => path));
  const fresh = after.filter(({ path }) => !known.has(path));
  const found =
    fresh.length === 0
      ? { columns: [], rows: [] }
      : await fetch(
          connection,
          `SELECT * FROM ${filesOf(open, fresh)} WHERE ${identifier(TIME)} > ${literal(from)} AND ${identifier(TIME)} <= ${literal(instant)}
           ORDER BY ${TIME}, _hoodie_partition_path, ${KEY} LIMIT ${limit + 1}`,
        );
  const left = await keysThatLeft(connection, open, before, after, limit);
  const isCut = found.rows.length > limit;
  const about = `${Math.min(limit, found.rows.length)} changed rows and ${left.length} that left ${range}${isCut ? `; the first ${limit}, more with --limit` : ""}`;
  return { about, columns: found.columns, rows: found.rows.slice(0, limit), left };
}

async function keysThatLeft(
  connection: DuckDBConnection,
  open: OpenTable,
  before: readonly FileSlice[],
  after: readonly FileSlice[],
  limit: number,
): Promise<string[]> {
  const kept = new Set(after.map(({ path }) => path));
  const gone = before.filter(({ path }) => !kept.has(path));
  if (gone.length === 0) return [];
  const rest = after.length === 0 ? "" : `EXCEPT SELECT ${KEY} FROM ${filesOf(open, after)}`;
  const { rows } = await fetch(
    connection,
    `SELECT ${KEY} FROM (SELECT ${KEY} FROM ${filesOf(open, gone)} ${rest}) ORDER BY 1 LIMIT ${limit}`,
  );
  return rows.map((row) => String(row[KEY]));
}

async function fetch(connection: DuckDBConnection, sql: string): Promise<Pick<RowsAnswer, "columns" | "rows">> {
  const result = await connection.runAndReadAll(sql);
  return { columns: result.columnNames(), rows: result.getRowObjectsJson() };
}
