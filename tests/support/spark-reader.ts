/** A lake whose tables the embedded engine writes and Spark reads. */
import { randomUUID } from "node:crypto";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock, type Clock } from "~/clock";
import { openLake, type Lake } from "~/lake/open";
import type { FeedWriter } from "~/lake/writer";
import { TableDrops } from "~/lake/hudi/table-drops";
import { SparkReader } from "~/lake/spark/reader/spark-reader";
import { identifier, sql } from "~/lake/spark/sql/sql";
import { attachTables } from "~/lake/spark/tables";
import type { SparkSession } from "~/lake/spark/thrift/session";
import { localStorage } from "~/lake/storage/local";
import type { Feed } from "~/model/feed";
import { removeFolder } from "./remove-folder";

export interface ReadLake {
  lake: Lake;
  folder: string;
  database: string;
  dropsOf(feed: Feed): TableDrops;
  /** The tables of a feed with their reader on Spark. */
  readerOf(feed: Feed): Promise<SparkReader>;
  remove(): Promise<void>;
}

export interface ReadLakeOptions {
  clock: Clock;
  retainMs: number;
}

export async function openReadLake(session: SparkSession, { clock, retainMs }: ReadLakeOptions): Promise<ReadLake> {
  const folder = await mkdtemp(join(tmpdir(), "weir-spark-"));
  const database = `read_${randomUUID().replaceAll("-", "")}`;
  const embedded = await openLake({ storage: localStorage(folder), folder: "lake", clock, retainMs });
  const dropsOf = ({ name }: Feed) => new TableDrops(localStorage(folder), `lake/${name}`, ".hoodie");
  const readerOf = async (feed: Feed) => {
    const names =
      feed.writeMode === "append" || feed.historyMs === null ? [feed.name] : [feed.name, `${feed.name}_log`];
    const tables = names.map((name) => ({ name, location: `file:${folder}/lake/${name}` }));
    await attachTables(session, database, tables);
    return SparkReader.open({ feed, spark: session, database, clock: systemClock, drops: dropsOf(feed) });
  };
  const lake: Lake = {
    async tables(feed) {
      const tables = await embedded.tables(feed);
      const reader = await readerOf(feed);
      return { ...tables, reader, writer: announcing(tables.writer, reader) };
    },
    close: () => embedded.close(),
  };
  return {
    lake,
    folder,
    database,
    dropsOf,
    readerOf,
    async remove() {
      await session.execute(sql`DROP DATABASE IF EXISTS ${identifier(database)} CASCADE`);
      await removeFolder(folder);
    },
  };
}

/** Tells the reader what was committed, as the process that writes does. */
const announcing = (writer: FeedWriter, reader: SparkReader): FeedWriter => ({
  rhythm: writer.rhythm,
  recover: () => writer.recover(),
  prepare: () => writer.prepare(),
  async commit(files) {
    const commit = await writer.commit(files);
    if (commit !== null) {
      const { instant, committedAt } = commit;
      reader.committed({ instant, state: instant, committedAt });
    }
    return commit;
  },
  async maintain() {
    const commits = await writer.maintain();
    reader.maintained();
    for (const { instant, committedAt } of commits) reader.committed({ instant, state: instant, committedAt });
    return commits;
  },
});
