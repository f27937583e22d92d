/**
 * Pins of a feed on Spark: Parquet files beside its tables, in the folder and the form in which the embedded engine keeps them too.
 * Either engine reads what the other has pinned.
 */
import { posix } from "node:path";
import type { Feed } from "../../model/feed";
import type { Instant } from "../../model/instant";
import type { PinFiles, PinRecord } from "../pins/pin-files";
import type { AttachedSpark } from "./attached-spark";
import { columnOf, sparkType } from "./column-sql";
import type { LakePlace } from "../storage/lake-place";
import { META_COLUMNS, type Relation } from "./reader/snapshot-sql";
import { quotedLiteral } from "./sql/literals";
import { identifier, join, sql, type Sql } from "./sql/sql";

const VIEW = identifier("weir_pin");
/** As long as a load of the hot window may take. */
const LIMITS = { deadlineMs: 120_000 };

export interface SparkPinsOptions {
  feed: Feed;
  files: PinFiles;
  lake: LakePlace;
  spark: Pick<AttachedSpark, "query" | "read">;
}

export class SparkPins {
  /** Files of pins are never changed. */
  readonly #relations = new Map<Instant, Promise<Relation>>();

  constructor(private readonly options: SparkPinsOptions) {}

  /** Null where nothing is pinned. One that another process has made just now is found. */
  find(instant: Instant): Promise<PinRecord | null> {
    return this.options.files.find(instant);
  }

  /** Of a pin that this process knows: when its commit completed, epoch ms. */
  committedAt(instant: Instant): number | null {
    return this.options.files.get(instant)?.committedAt ?? null;
  }

  /** The file of a pin was not there: another process may have unpinned it. */
  async lacks(instant: Instant): Promise<void> {
    this.#relations.delete(instant);
    await this.options.files.refresh();
  }

  /** The rows of a pin, with Hudi's columns and those of the feed; null in those that the feed has gained since. */
  relation({ instant }: PinRecord): Promise<Relation> {
    const known = this.#relations.get(instant);
    if (known !== undefined) return known;
    const found = this.#relation(instant);
    this.#relations.set(instant, found);
    found.catch(() => this.#relations.delete(instant));
    return found;
  }

  /**
   * Pins an instant, or pins it again with another note.
   *
   * @param write gives the statement that selects the rows, in their order, to `keep`
   * @throws what `write` throws
   */
  add(
    pin: Omit<PinRecord, "rows" | "floor"> & { limit: number },
    write: (keep: (rows: Sql) => Promise<void>) => Promise<void>,
  ): Promise<PinRecord> {
    const { files, lake } = this.options;
    const { limit, ...about } = pin;
    // Spark writes folders.
    const folder = `${files.folder}/.${pin.instant}.spark`;
    const copied = async (temporary: string) => {
      await write((rows) => this.#writeParquet(rows, folder));
      const found = await this.#summary(folder);
      const parts = (await lake.storage.list(folder)).filter(({ name }) => name.endsWith(".parquet"));
      if (parts.length !== 1) throw new Error(`Spark has written ${parts.length} Parquet files to ${folder}, not one.`);
      await lake.storage.publish(`${folder}/${parts[0]!.name}`, temporary);
      return { rows: found.rows, floor: found.rows < limit ? null : found.oldest };
    };
    return files.add(about, (temporary) => copied(temporary).finally(() => lake.storage.removeFolder(folder)));
  }

  /** One file, because the rows are in an order. What the folder held is gone. */
  async #writeParquet(rows: Sql, folder: string): Promise<void> {
    const { feed, lake, spark } = this.options;
    await lake.storage.makeFolder(folder);
    const columns = join([
      ...META_COLUMNS.map((column) => sql`${column} STRING`),
      ...feed.fields.map(({ type }, field) => sql`${columnOf(feed, field)} ${sparkType(type)}`),
    ]);
    const path = quotedLiteral(this.#urlOf(folder));
    await spark.read(async (session) => {
      // Hudi's parser takes over where the past is asked for. It knows no INSERT OVERWRITE DIRECTORY, and Spark's own, which reads the
      // text of a view, no instants of Hudi.
      await session.execute(
        sql`CREATE OR REPLACE TEMPORARY VIEW ${VIEW} (${columns}) USING parquet OPTIONS (path ${path})`,
      );
      try {
        await session.execute(sql`INSERT OVERWRITE TABLE ${VIEW} ${rows}`, LIMITS);
      } finally {
        if (session.usable) await session.execute(sql`DROP VIEW IF EXISTS ${VIEW}`);
      }
    });
  }

  async #relation(instant: Instant): Promise<Relation> {
    const { feed, files, spark } = this.options;
    const source = this.#filesOf(files.slice(instant).path);
    const { rows } = await spark.query(sql`DESCRIBE QUERY SELECT * FROM ${source}`);
    const present = new Set(rows.map(([name]) => name));
    const missing = feed.fields.flatMap(({ name, type }, field) =>
      present.has(name) ? [] : [sql`CAST(NULL AS ${sparkType(type)}) AS ${columnOf(feed, field)}`],
    );
    if (missing.length === 0) return { source, where: [] };
    return { source: sql`(SELECT *, ${join(missing)} FROM ${source}) AS pinned`, where: [] };
  }

  /** @returns epoch ms of the oldest row */
  async #summary(folder: string): Promise<{ rows: number; oldest: number | null }> {
    const { feed, spark } = this.options;
    const time = columnOf(feed, feed.eventTime);
    const { rows } = await spark.query(sql`SELECT count(*), unix_millis(min(${time})) FROM ${this.#filesOf(folder)}`);
    const [count, oldest] = rows[0]!;
    return { rows: Number(count), oldest: oldest === null ? null : Number(oldest) };
  }

  /** @param path in the storage, of a file or a folder of files */
  #filesOf(path: string): Sql {
    return sql`parquet.${identifier(this.#urlOf(path))}`;
  }

  #urlOf(path: string): string {
    const { lake } = this.options;
    return `${lake.url}/${posix.relative(lake.folder, path)}`;
  }
}
