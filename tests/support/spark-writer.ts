/** A lake in a folder of its own whose feeds the real writer writes on the shared Spark, with a door beside it for other writers. */
import { randomBytes, randomUUID } from "node:crypto";
import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pino from "pino";
import { systemClock, type Clock } from "~/clock";
import { fileEncoder } from "~/ingest/avro/encode";
import { makeFeedTables } from "~/lake/hudi/feed-tables";
import { AttachedSpark } from "~/lake/spark/attached-spark";
import type { LakePlace } from "~/lake/storage/lake-place";
import { SparkReader } from "~/lake/spark/reader/spark-reader";
import { SparkServer } from "~/lake/spark/spark-server";
import { TableTimeline } from "~/lake/spark/table-timeline";
import type { SparkTable } from "~/lake/spark/tables";
import { SparkWriter, WRITER_CONF } from "~/lake/spark/writer";
import { localStorage } from "~/lake/storage/local";
import type { Storage } from "~/lake/storage/storage";
import type { StagedFile } from "~/lake/writer";
import type { Feed } from "~/model/feed";
import type { Row } from "~/model/value";
import { sparkAddress } from "./spark";
import { removeFolder } from "./remove-folder";

const LAKE = "lake";

export interface OpenedFeed {
  writer: SparkWriter;
  reader: SparkReader;
}

export class SparkWriterLake {
  readonly storage: Storage;
  /** Awaited right after the statements of a commit, before the writer does anything else. */
  afterStatements: () => Promise<void> = () => Promise.resolve();
  /** Of the writers; whoever reads has the machine's. */
  clock: Clock = systemClock;
  readonly #server: SparkServer;
  #staged = 0;

  private constructor(
    readonly folder: string,
    readonly database: string,
  ) {
    this.storage = localStorage(folder);
    const log = pino({ level: "silent" });
    const address = { ...sparkAddress(), database: "default" };
    this.#server = new SparkServer(address, { clock: systemClock, log, writerConf: WRITER_CONF });
  }

  get place(): LakePlace {
    return { storage: this.storage, folder: LAKE, url: `file:${this.folder}/${LAKE}` };
  }

  static async make(): Promise<SparkWriterLake> {
    const folder = await mkdtemp(join(tmpdir(), "weir-spark-writer-"));
    return new SparkWriterLake(folder, `writer_${randomUUID().replaceAll("-", "")}`);
  }

  /** @param feed an upsert feed with history */
  async open(feed: Feed): Promise<OpenedFeed> {
    const { database, storage, folder } = this;
    const { main, log } = await makeFeedTables(storage, LAKE, feed);
    const tables: SparkTable[] = [feed.name, `${feed.name}_log`].map((name) => ({
      name,
      location: `file:${folder}/lake/${name}`,
    }));
    if (feed.buckets !== null) tables[0]!.buckets = { count: feed.buckets, column: feed.fields[feed.key]!.name };
    const spark = new AttachedSpark(this.#server, database, feed, tables);
    const reader = await SparkReader.open({ feed, spark, database, clock: systemClock });
    await storage.makeFolder(this.#staging(feed));
    const writer = new SparkWriter({
      feed,
      clock: { now: () => this.clock.now() },
      retentionClock: { now: () => this.clock.now() },
      spark: {
        write: (work) =>
          spark.write(async (session) => {
            const result = await work(session);
            await this.afterStatements();
            return result;
          }),
      },
      database,
      main: await TableTimeline.open(storage, main.folder),
      log: await TableTimeline.open(storage, log!.folder),
      lake: this.place,
      reader: () => Promise.resolve(reader),
    });
    return { writer, reader };
  }

  /** @param asRead the rows as a later version of the feed has them */
  async stage(feed: Feed, rows: readonly Row[], asRead = rows): Promise<StagedFile> {
    const name = `${String(++this.#staged).padStart(17, "0")}-${rows.length}-0123abcd.avro`;
    const path = `${this.#staging(feed)}/${name}`;
    await writeFile(join(this.folder, path), fileEncoder(feed)(rows, randomBytes(16)));
    return { name, path, rows: () => Promise.resolve(asRead) };
  }

  async remove(): Promise<void> {
    await this.#server.close();
    await removeFolder(this.folder);
  }

  #staging(feed: Feed): string {
    return `${LAKE}/_staging/${feed.name}`;
  }
}
