/**
 * File slices as an SQL source: one `read_parquet` over an explicit list, in the order of the list, with the columns of the
 * feed as they are declared now. A column that was added to the feed later is null in older files.
 */
import type { DuckDBConnection } from "@duckdb/node-api";
import type { Feed } from "../../model/feed";
import type { Instant } from "../../model/instant";
import type { FileSlice } from "../hudi/table";
import { isPinned } from "../pins/pin-files";
import type { Storage } from "../storage/storage";
import { duckdbType, identifier, literal, literalList, META_COLUMNS } from "./column-types";

/** Place of a row: which file of the list, and which row of it. Both count from 0. */
export const FILE_INDEX = "file_index";
export const FILE_ROW = "file_row_number";

export class FileScanner {
  /** Files of commits from here on have every column that the feed declares. */
  #completeSince: Instant | null = null;

  constructor(
    readonly storage: Storage,
    readonly feed: Feed,
  ) {}

  /**
   * SQL of a subquery-able source with Hudi's columns, the feed's and the place columns.
   *
   * @param slices not empty; their order is that of `file_index`
   */
  async source(connection: DuckDBConnection, slices: readonly FileSlice[]): Promise<string> {
    const missing = await this.#missingColumns(connection, slices);
    const files = this.#readParquet(slices);
    if (missing.size === 0) return `(SELECT *, ${FILE_INDEX} FROM ${files})`;
    const columns = this.feed.fields.map(({ name, type }) =>
      missing.has(name) ? `NULL::${duckdbType(type)} AS ${identifier(name)}` : identifier(name),
    );
    return `(SELECT ${META_COLUMNS.join(", ")}, ${columns.join(", ")}, ${FILE_ROW}, ${FILE_INDEX} FROM ${files})`;
  }

  #readParquet(slices: readonly FileSlice[]): string {
    const paths = literalList(slices.map(({ path }) => this.storage.locate(path)));
    // Partition columns are in the files; taking them from the path as well would give them another type.
    return `read_parquet(${paths}, file_row_number = true, union_by_name = true, hive_partitioning = false)`;
  }

  /** Fields that none of the files has. Columns are only ever added, so the newest file has those of all others. */
  async #missingColumns(connection: DuckDBConnection, slices: readonly FileSlice[]): Promise<ReadonlySet<string>> {
    const newest = slices.reduce((a, b) => (b.instant > a.instant ? b : a));
    // A pin was written later than its instant says, by whatever fields there were then.
    const isPin = isPinned(newest);
    if (!isPin && this.#completeSince !== null && newest.instant >= this.#completeSince) return new Set();
    const result = await connection.run(
      `DESCRIBE SELECT * FROM read_parquet(${literal(this.storage.locate(newest.path))}, hive_partitioning = false)`,
    );
    const present = new Set((await result.getRowsJS()).map(([name]) => name as string));
    const missing = this.feed.fields.filter(({ name }) => !present.has(name)).map(({ name }) => name);
    if (missing.length === 0 && !isPin) this.#completeSince = newest.instant;
    return new Set(missing);
  }
}
