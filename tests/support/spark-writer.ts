/**
 * A lake in a folder of its own whose feeds the real writer writes on the shared Spark, with a door beside it for other writers.
 * With WEIR_TEST_LAKE=bucket it lies in a bucket.
 */
import { randomUUID } from "node:crypto";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pino from "pino";
import { systemClock, type Clock } from "~/clock";
import { makeFeedTables } from "~/lake/hudi/feed-tables";
import { TableDrops } from "~/lake/hudi/table-drops";
import { AttachedSpark } from "~/lake/spark/attached-spark";
import { openLakePlace, type LakePlace } from "~/lake/storage/lake-place";
import { SparkReader } from "~/lake/spark/reader/spark-reader";
import { SparkServer } from "~/lake/spark/spark-server";
import { TableTimeline } from "~/lake/spark/table-timeline";
import type { SparkTable } from "~/lake/spark/tables";
import { SparkWriter, WRITER_CONF } from "~/lake/spark/writer";
import type { Storage } from "~/lake/storage/storage";
import type { StagedFile } from "~/lake/writer";
import type { Feed } from "~/model/feed";
import type { Row } from "~/model/value";
import { sparkAddress, sparkGoogleStorage } from "./spark";
import { stageFile } from "./staged-file";
import { removeFolder } from "./remove-folder";
import { makeBucket } from "./test-bucket";

const LAKE = "lake";

/** Then nothing can be handed over to the embedded engine. */
export const isInBucket = process.env["WEIR_TEST_LAKE"] === "bucket";

export interface OpenedFeed {
  writer: SparkWriter;
  reader: SparkReader;
}

export class SparkWriterLake {
  /** Awaited right after the statements of a commit, before the writer does anything else. */
  afterStatements: () => Promise<void> = () => Promise.resolve();
  /** Of the writers; whoever reads has the machine's. */
  clock: Clock = systemClock;
  readonly #server: SparkServer;
  #staged = 0;

  private constructor(
    readonly place: LakePlace,
    readonly database: string,
    private readonly clear: () => Promise<void>,
  ) {
    const log = pino({ level: "silent" });
    const address = { ...sparkAddress(), database: "default" };
    this.#server = new SparkServer(address, { clock: systemClock, log, writerConf: WRITER_CONF });
  }

  get storage(): Storage {
    return this.place.storage;
  }

  static async make({ inBucket = isInBucket } = {}): Promise<SparkWriterLake> {
    const database = `writer_${randomUUID().replaceAll("-", "")}`;
    if (inBucket) {
      const { name: bucket, endpoint } = await makeBucket(sparkGoogleStorage());
      const place = await openLakePlace({ kind: "google-bucket", bucket, folder: LAKE, endpoint }, "write");
      return new SparkWriterLake(place, database, () => Promise.resolve());
    }
    const folder = await mkdtemp(join(tmpdir(), "weir-spark-writer-"));
    const place = await openLakePlace({ kind: "disk", path: join(folder, LAKE) }, "write");
    return new SparkWriterLake(place, database, () => removeFolder(folder));
  }

  /** @param feed an upsert feed with history */
  async open(feed: Feed): Promise<OpenedFeed> {
    const { database, storage, place } = this;
    const { main, log } = await makeFeedTables(storage, LAKE, feed);
    const tables: SparkTable[] = [feed.name, `${feed.name}_log`].map((name) => ({
      name,
      location: `${place.url}/${name}`,
    }));
    if (feed.buckets !== null) tables[0]!.buckets = { count: feed.buckets, column: feed.fields[feed.key]!.name };
    const spark = new AttachedSpark(this.#server, database, feed, tables);
    const drops = new TableDrops(storage, main.folder, main.properties.timelineFolder);
    const reader = await SparkReader.open({ feed, spark, database, clock: systemClock, drops });
    const writer = new SparkWriter({
      feed,
      clock: { now: () => this.clock.now() },
      retentionClock: { now: () => this.clock.now() },
      spark: {
        query: (...asked) => spark.query(...asked),
        pages: (...asked) => spark.pages(...asked),
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
      drops,
      lake: place,
      reader: () => Promise.resolve(reader),
    });
    return { writer, reader };
  }

  /** @param asRead the rows as a later version of the feed has them */
  stage(feed: Feed, rows: readonly Row[], asRead = rows): Promise<StagedFile> {
    return stageFile(this.place, feed, ++this.#staged, rows, asRead);
  }

  async textOf(path: string): Promise<string> {
    return Buffer.from(await this.storage.read(path)).toString("utf8");
  }

  async remove(): Promise<void> {
    await this.#server.close();
    await this.clear();
  }
}
