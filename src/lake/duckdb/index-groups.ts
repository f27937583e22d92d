/**
 * Which file group holds a row: a table in DuckDB's memory of (hash, group), one entry per row of the newest slices. A hash
 * only names candidates; whoever asks compares the rows themselves.
 *
 * Memory is bounded: the newest groups are indexed, older ones are `cold` and found by a scan of their columns, pruned by
 * partition or by the event times that they span. Events are local in time, so that is rare.
 */
import type { HudiTable, FileSlice } from "../hudi/table";
import { groupKey } from "../hudi/table";
import type { DuckDBConnection, Engine } from "./connection";
import { identifier, literalList } from "./column-types";

/** About 16 bytes each in memory. */
export const MAX_INDEXED_ROWS = 4_000_000;
/** Files that one statement of the first fill reads, so that a commit's own statements get their turn. */
const FILL_FILES = 32;
/** Rows above the bound before old entries are dropped: the table is copied for it. */
const SLACK = 1.25;

export interface Group {
  number: number;
  partition: string;
  fileId: string;
  /** Rows of its newest slice; 0 while it is not indexed. */
  rows: number;
  isCold: boolean;
  /** Event times that its rows span, epoch ms; null = not known, any. */
  span: { min: number; max: number } | null;
}

export interface IndexOptions {
  /** Name of the DuckDB table. */
  name: string;
  /** Columns, of the files and of batches alike, whose values make the hash. */
  columns: readonly string[];
  eventTimeColumn: string;
  maxRows?: number;
}

export class GroupIndex {
  readonly #groups: Group[] = [];
  readonly #numbers = new Map<string, number>();
  readonly #expression: string;
  readonly #maxRows: number;
  #rows = 0;

  constructor(
    readonly engine: Engine,
    readonly table: HudiTable,
    readonly options: IndexOptions,
  ) {
    this.#expression = `hash(${options.columns.map(identifier).join(", ")})`;
    this.#maxRows = options.maxRows ?? MAX_INDEXED_ROWS;
  }

  /** Reads the newest slices of the table, the youngest groups first, as far as the bound. */
  async fill(): Promise<void> {
    this.#groups.length = 0;
    this.#numbers.clear();
    this.#rows = 0;
    await this.engine.write((c) => c.run(`CREATE OR REPLACE TABLE ${this.options.name} (h UBIGINT, g INTEGER)`));
    const slices = [...this.table.slices()].sort((a, b) => (a.fileId < b.fileId ? 1 : -1));
    for (let start = 0; start < slices.length; start += FILL_FILES) {
      const part = slices.slice(start, start + FILL_FILES);
      await this.engine.write((c) => (this.#rows < this.#maxRows ? this.#fillPart(c, part) : this.#notePart(c, part)));
    }
  }

  async #fillPart(connection: DuckDBConnection, slices: readonly FileSlice[]): Promise<void> {
    const first = this.#groups.length;
    for (const slice of slices) this.#group(slice);
    const { name } = this.options;
    await connection.run(
      `INSERT INTO ${name} SELECT ${this.#expression}, ${first} + file_index::INTEGER FROM read_parquet(${this.#paths(slices)}, hive_partitioning = false)`,
    );
    const counted = await connection.runAndReadAll(`SELECT g, count(*) FROM ${name} WHERE g >= ${first} GROUP BY g`);
    for (const [number, rows] of counted.getRows()) {
      this.#groups[number as number]!.rows = Number(rows);
      this.#rows += Number(rows);
    }
    await this.#readSpans(connection, slices);
  }

  async #notePart(connection: DuckDBConnection, slices: readonly FileSlice[]): Promise<void> {
    for (const slice of slices) this.#group(slice).isCold = true;
    await this.#readSpans(connection, slices);
  }

  /** Event times from the footers of the files. */
  async #readSpans(connection: DuckDBConnection, slices: readonly FileSlice[]): Promise<void> {
    const found = await connection.runAndReadAll(
      `SELECT file_name, min(epoch_ms(stats_min_value::TIMESTAMPTZ)), max(epoch_ms(stats_max_value::TIMESTAMPTZ))
       FROM parquet_metadata(${this.#paths(slices)}) WHERE path_in_schema = $column GROUP BY file_name`,
      { column: this.options.eventTimeColumn },
    );
    const byPath = new Map(slices.map((slice) => [this.table.storage.locate(slice.path), slice]));
    for (const [path, min, max] of found.getRows()) {
      const slice = byPath.get(path as string);
      if (slice === undefined || min === null || max === null) continue;
      this.#group(slice).span = { min: Number(min), max: Number(max) };
    }
  }

  #paths(slices: readonly FileSlice[]): string {
    return literalList(slices.map(({ path }) => this.table.storage.locate(path)));
  }

  #group({ partition, fileId }: Pick<FileSlice, "partition" | "fileId">): Group {
    const key = groupKey({ partition, fileId });
    let number = this.#numbers.get(key);
    if (number === undefined) {
      number = this.#groups.length;
      this.#numbers.set(key, number);
      this.#groups.push({ number, partition, fileId, rows: 0, isCold: false, span: null });
    }
    return this.#groups[number]!;
  }

  /** The group that takes a partition's new rows: its youngest. Null when there is none. */
  youngest(partition: string): Group | null {
    let found: Group | null = null;
    for (const group of this.#groups) {
      if (group.partition !== partition || group.isCold) continue;
      if (found === null || group.fileId > found.fileId) found = group;
    }
    return found;
  }

  /**
   * Candidates for the rows of a batch table: arrival of the row, and a group that may hold its like.
   *
   * @param mayHold whether a cold group has to be looked at
   */
  async candidates(
    connection: DuckDBConnection,
    batch: string,
    mayHold: (group: Group) => boolean,
  ): Promise<{ n: number; group: Group }[]> {
    const { name } = this.options;
    const hit = await connection.runAndReadAll(
      `SELECT b._n, i.g FROM (SELECT _n, ${this.#expression} AS h FROM ${batch}) b JOIN ${name} i USING (h)`,
    );
    const found = hit.getRows().map(([n, g]) => ({ n: n as number, group: this.#groups[g as number]! }));
    const cold = this.#groups.filter((group) => group.isCold && mayHold(group));
    return cold.length === 0 ? found : found.concat(await this.#scanCold(connection, batch, cold));
  }

  async #scanCold(connection: DuckDBConnection, batch: string, cold: readonly Group[]) {
    const wanted = new Map(cold.map((group) => [groupKey(group), group]));
    const slices = this.table.slices().filter((slice) => wanted.has(groupKey(slice)));
    if (slices.length === 0) return [];
    const on = this.options.columns.map((name) => `b.${identifier(name)} = f.${identifier(name)}`).join(" AND ");
    const hit = await connection.runAndReadAll(
      `SELECT DISTINCT b._n, f.file_index::INTEGER FROM read_parquet(${this.#paths(slices)}, hive_partitioning = false) f JOIN ${batch} b ON ${on}`,
    );
    return hit.getRows().map(([n, file]) => ({
      n: n as number,
      group: wanted.get(groupKey(slices[file as number]!))!,
    }));
  }

  /** A file that a completed commit wrote: its rows in total, and the event times that they span. */
  noteFile(place: Pick<FileSlice, "partition" | "fileId">, rows: number, span: Group["span"]): Group {
    const group = this.#group(place);
    group.rows = rows;
    group.span = span;
    return group;
  }

  /** Adds new rows of a batch: `placed` is a DuckDB table of (n, f, is_new), and `files` names the group of each f. */
  async add(connection: DuckDBConnection, batch: string, placed: string, files: ReadonlyMap<number, Group>) {
    if (files.size === 0) return;
    const cases = [...files].map(([f, group]) => `WHEN ${f} THEN ${group.number}`).join(" ");
    const among = [...files.keys()].join(", ");
    const added = await connection.run(
      `INSERT INTO ${this.options.name} SELECT ${this.#expression}, CASE p.f ${cases} END FROM ${batch} b JOIN ${placed} p ON p.n = b._n WHERE p.is_new AND p.f IN (${among})`,
    );
    this.#rows += added.rowsChanged;
    if (this.#rows > this.#maxRows * SLACK) await this.#dropOldest(connection);
  }

  /** Forgets rows that left their group: `removed` is a DuckDB table of (f, key, is_gone); for indexes by key alone. */
  async remove(connection: DuckDBConnection, removed: string, files: ReadonlyMap<number, Group>) {
    if (files.size === 0) return;
    const groups = [...files].map(([f, group]) => `(${f}, ${group.number})`).join(", ");
    const forgotten = await connection.run(
      `DELETE FROM ${this.options.name} i USING (SELECT hash(key) AS h, m.g FROM ${removed} r JOIN (VALUES ${groups}) m(f, g) ON m.f = r.f WHERE r.is_gone) d WHERE i.h = d.h AND i.g = d.g`,
    );
    this.#rows -= forgotten.rowsChanged;
  }

  /** Groups that are gone with their partition. */
  async forgetPartitions(partitions: ReadonlySet<string>): Promise<void> {
    const gone = this.#groups.filter(({ partition }) => partitions.has(partition));
    if (gone.length === 0) return;
    for (const group of gone) {
      this.#numbers.delete(groupKey(group));
      group.rows = 0;
      group.isCold = false;
      group.partition = "";
    }
    const numbers = gone.map(({ number }) => number).join(", ");
    const forgotten = await this.engine.write((c) => c.run(`DELETE FROM ${this.options.name} WHERE g IN (${numbers})`));
    this.#rows -= forgotten.rowsChanged;
  }

  async #dropOldest(connection: DuckDBConnection): Promise<void> {
    const byAge = this.#groups.filter(({ isCold, rows }) => !isCold && rows > 0);
    byAge.sort((a, b) => (a.fileId < b.fileId ? -1 : 1));
    let rows = this.#rows;
    const dropped: number[] = [];
    for (const group of byAge) {
      if (rows <= this.#maxRows) break;
      group.isCold = true;
      rows -= group.rows;
      dropped.push(group.number);
    }
    const { name } = this.options;
    // A copy gives the memory back; a DELETE would not.
    await connection.run(
      `CREATE OR REPLACE TABLE next_${name} AS SELECT h, g FROM ${name} WHERE g NOT IN (${dropped.join(", ")})`,
    );
    await connection.run(`DROP TABLE ${name}`);
    await connection.run(`ALTER TABLE next_${name} RENAME TO ${name}`);
    this.#rows = rows;
  }
}
