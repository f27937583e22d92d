/**
 * A job of somebody else that keeps a table of events in the lake, as the first systems did: times as plain milliseconds, a
 * partition path with slashes, columns that Weir does not know and none of those that came later, a bucket index, and a cleaner
 * and an archiver of its own. What it wrote is kept as a model beside it.
 */
import { quotedLiteral, countLiteral, hexLiteral, longLiteral } from "~/lake/spark/sql/literals";
import { identifier, join, sql, type Sql } from "~/lake/spark/sql/sql";
import { tableIn } from "~/lake/spark/tables";
import type { SparkSession } from "~/lake/spark/thrift/session";
import type { Row } from "~/model/value";
import { eventRow } from "./pipeline-feed";

export interface JobEvent {
  eventId: string;
  pipelineName: string;
  status: string;
  /** Epoch ms. */
  eventTimestamp: number;
  lastUpdatedAt: number;
}

export interface ForeignJobOptions {
  session: SparkSession;
  database: string;
  /** Absolute path of the folder that holds the tables. */
  folder: string;
  version: 6 | 8 | 9;
  /** Commits that its cleaner keeps the files of; its archiver follows. */
  retained?: number;
  table?: string;
}

/** The first commits of a table with a metadata table take their time on a busy machine. */
const PATIENTLY = { deadlineMs: 120_000 };
const NONE = sql`CAST(NULL AS STRING)`;
const COLUMNS = [
  "eventId",
  "correlationId",
  "pipelineName",
  "stageName",
  "status",
  "eventTimestamp",
  "processedRecordCount",
  "sourceRecordCount",
  "errorMessage",
  "lastUpdatedAt",
  "cluster",
  "dt",
] as const;

export class ForeignJob {
  /** Its rows by `<partition>/<eventId>`. */
  readonly #rows = new Map<string, JobEvent>();
  readonly #table: Sql;

  constructor(private readonly options: ForeignJobOptions) {
    this.#table = tableIn(options.database, options.table ?? "pipeline_events");
  }

  get location(): string {
    return `file:${this.options.folder}/${this.options.table ?? "pipeline_events"}`;
  }

  async create(): Promise<void> {
    const { session, database, version, retained = 100 } = this.options;
    await session.execute(sql`CREATE DATABASE IF NOT EXISTS ${identifier(database)}`);
    const properties: Record<string, string> = {
      type: "cow",
      primaryKey: "eventId",
      preCombineField: "lastUpdatedAt",
      "hoodie.write.table.version": String(version),
      "hoodie.write.auto.upgrade": "false",
      "hoodie.metadata.enable": String(version > 6),
      // Version 9 as it is by default; statistics make each commit longer, and no reader of ours looks at them.
      ...(version === 8 && { "hoodie.metadata.index.column.stats.enable": "false" }),
      ...(version === 8 && { "hoodie.metadata.index.partition.stats.enable": "false" }),
      "hoodie.table.timeline.timezone": "UTC",
      "hoodie.datasource.write.hive_style_partitioning": "false",
      "hoodie.index.type": "BUCKET",
      "hoodie.index.bucket.engine": "SIMPLE",
      "hoodie.bucket.index.num.buckets": "2",
      "hoodie.clean.policy": "KEEP_LATEST_COMMITS",
      "hoodie.clean.commits.retained": String(retained),
      "hoodie.keep.min.commits": String(retained + 1),
      "hoodie.keep.max.commits": String(retained + 2),
      "hoodie.clean.trigger.max.commits": "1",
      "hoodie.parquet.bloom.filter.enabled": "false",
    };
    const listed = Object.entries(properties).map(
      ([key, value]) => sql`${quotedLiteral(key)} = ${quotedLiteral(value)}`,
    );
    await session.execute(
      sql`CREATE TABLE ${this.#table} (eventId STRING, correlationId STRING, pipelineName STRING,
      stageName STRING, status STRING, eventTimestamp BIGINT, processedRecordCount BIGINT, sourceRecordCount BIGINT,
      errorMessage STRING, lastUpdatedAt BIGINT, cluster STRING, dt STRING) USING hudi PARTITIONED BY (dt)
      TBLPROPERTIES (${join(listed)}) LOCATION ${quotedLiteral(this.location)}`,
      PATIENTLY,
    );
  }

  /** One commit. An event of another day than before is a second row of its key. */
  async upsert(events: readonly JobEvent[]): Promise<void> {
    const values = events.map(
      (event) => sql`(${hexLiteral(event.eventId)}, 'batch-1', ${hexLiteral(event.pipelineName)}, 'load',
        ${hexLiteral(event.status)}, ${longLiteral(event.eventTimestamp)}, 7L, CAST(NULL AS BIGINT), ${NONE},
        ${longLiteral(event.lastUpdatedAt)}, 'blue', ${quotedLiteral(dayOf(event))})`,
    );
    const names = join(COLUMNS.map(identifier));
    await this.options.session.execute(
      sql`MERGE INTO ${this.#table} AS t
      USING (SELECT * FROM VALUES ${join(values)} AS v(${names})) AS s ON t.eventId = s.eventId AND t.dt = s.dt
      WHEN MATCHED THEN UPDATE SET * WHEN NOT MATCHED THEN INSERT *`,
      PATIENTLY,
    );
    for (const event of events) {
      const known = this.#rows.get(keyOf(event));
      if (known === undefined || known.lastUpdatedAt <= event.lastUpdatedAt) this.#rows.set(keyOf(event), event);
    }
  }

  /** One commit. */
  async delete(eventId: string): Promise<void> {
    await this.options.session.execute(
      sql`DELETE FROM ${this.#table} WHERE eventId = ${hexLiteral(eventId)}`,
      PATIENTLY,
    );
    for (const [key, event] of this.#rows) if (event.eventId === eventId) this.#rows.delete(key);
  }

  /** Instants of its newest commits, newest first. */
  async commits(limit = 1_000): Promise<string[]> {
    const path = `${this.options.database}.${this.options.table ?? "pipeline_events"}`;
    const { rows } = await this.options.session.query(
      sql`CALL show_commits(table => ${quotedLiteral(path)}, limit => ${countLiteral(limit)})`,
    );
    return rows.map(([instant]) => String(instant));
  }

  /** What Weir shows of it, newest event first: of several rows of a key the newest. */
  rows(): Row[] {
    const newest = new Map<string, JobEvent>();
    for (const event of this.#rows.values()) {
      const known = newest.get(event.eventId);
      if (known === undefined || known.lastUpdatedAt < event.lastUpdatedAt) newest.set(event.eventId, event);
    }
    const order = (a: JobEvent, b: JobEvent) => b.eventTimestamp - a.eventTimestamp || (a.eventId < b.eventId ? -1 : 1);
    return [...newest.values()].sort(order).map((event) => eventRow({ ...event, processedRecordCount: 7 }));
  }
}

const dayOf = ({ eventTimestamp }: JobEvent): string =>
  new Date(eventTimestamp).toISOString().slice(0, 10).replaceAll("-", "/");
const keyOf = (event: JobEvent): string => `${dayOf(event)}/${event.eventId}`;
