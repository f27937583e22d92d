/**
 * The lake on a Spark Thrift Server: Weir makes the tables (so that they are of version 6, in names that older releases read),
 * Spark owns what is in them. Nothing here waits for Spark: a server that is away fails questions, not the start.
 */
import type { Clock } from "../../clock";
import type { Log } from "../../log";
import type { Feed } from "../../model/feed";
import { AdoptedReader } from "../adopted/reader";
import { epochOf } from "../hudi/epoch";
import { makeFeedTables } from "../hudi/feed-tables";
import { assertLayout } from "../hudi/layout";
import { TableDrops } from "../hudi/table-drops";
import { PinFiles } from "../pins/pin-files";
import type { FeedPins, FeedReader } from "../reader";
import { newestTime, RetentionClock } from "../hudi/retention-clock";
import type { Storage } from "../storage/storage";
import type { OpenTerm } from "../writer";
import { SparkAdoptedSource } from "./adopted/adopted-source";
import { AttachedSpark } from "./attached-spark";
import { DeferredReader } from "./deferred-reader";
import { SparkPins } from "./pins";
import { SparkReader } from "./reader/spark-reader";
import { SparkServer } from "./spark-server";
import type { SparkAddress } from "./spark-url";
import type { SparkTable } from "./tables";
import { TableTimeline } from "./table-timeline";
import { SparkWriter, WRITER_CONF } from "./writer";

export interface SparkLakeOptions {
  address: SparkAddress;
  storage: Storage;
  /** Folder of the lake in the storage. */
  folder: string;
  /** The same folder as Spark sees it, `file:/srv/lake`. */
  url: string;
  clock: Clock;
  log: Log;
  /** Where several processes share the lake: what lets this one write a feed. */
  openTermOf?: (feed: Feed) => OpenTerm;
  /** Told when the clock leaps ahead, by how many ms. */
  onLeap?: (aheadMs: number) => void;
  /** Told of each file that should describe a pin and does not. */
  onDamagedPin: (path: string) => void;
}

export interface SparkFeed {
  feed: Feed;
  reader: FeedReader;
  pins: FeedPins;
  writer: SparkWriter;
}

export class SparkLake {
  readonly #server: SparkServer;
  readonly #writers: SparkWriter[] = [];

  constructor(private readonly options: SparkLakeOptions) {
    const { address, clock, log } = options;
    // Tables are named with their database, which may not be there yet; a session cannot begin in one that is not.
    const anywhere = { ...address, database: "default" };
    this.#server = new SparkServer(anywhere, { clock, log, writerConf: WRITER_CONF });
  }

  /** The tables of a feed, made when they are missing. @throws AppError read-only when a table is there that cannot be used */
  async tables(feed: Feed): Promise<SparkFeed> {
    const { address, storage, folder, url, clock, openTermOf, onLeap, onDamagedPin } = this.options;
    const { main, log } = await makeFeedTables(storage, folder, feed);
    const { database } = address;
    const names = log === null ? [feed.name] : [feed.name, `${feed.name}_log`];
    assertLayout(main, feed.buckets);
    const attached: SparkTable[] = names.map((name) => ({ name, location: `${url}/${name}` }));
    if (feed.buckets !== null) {
      attached[0]!.buckets = { count: feed.buckets, column: feed.fields[feed.key]!.name };
    }
    const spark = new AttachedSpark(this.#server, database, feed, attached);
    const place = { storage, folder, url };
    const files = await PinFiles.open(storage, `${folder}/${feed.name}_pins`, onDamagedPin);
    const pins = new SparkPins({ feed, files, lake: place, spark });
    const drops = new TableDrops(storage, main.folder, main.properties.timelineFolder);
    const options = { feed, spark, database, clock, drops, pins };
    const reader = new DeferredReader(() => SparkReader.open(options), epochOf(main));
    const writer = new SparkWriter({
      feed,
      clock,
      retentionClock: new RetentionClock({ clock, startAt: newestTime([main, log]), ...(onLeap && { onLeap }) }),
      spark,
      database,
      main: await TableTimeline.open(storage, main.folder),
      log: log && (await TableTimeline.open(storage, log.folder)),
      drops,
      lake: place,
      onUndone: (table, instants) => this.options.log.warn({ table, instants }, "commits that failed were undone"),
      reader: () => reader.reader(),
      ...(openTermOf && { openTerm: openTermOf(feed) }),
    });
    this.#writers.push(writer);
    const pinned: FeedPins = {
      pins: () => files.all(),
      refreshPins: () => files.refresh(),
      pin: async (...what) => (await reader.reader()).pin(...what),
      unpin: (instant) => files.remove(instant),
    };
    return { feed, reader, pins: pinned, writer };
  }

  /**
   * The reader of a table that somebody else writes, which may not be there yet.
   *
   * @param location its folder as Spark sees it, for a catalog that does not have it; null = the catalog alone
   */
  adopted(feed: Feed, location: string | null): FeedReader {
    const { address, clock } = this.options;
    const table = { feed, spark: this.#server, database: address.database, location };
    return new AdoptedReader({ feed, source: new SparkAdoptedSource(table, clock), clock });
  }

  /** Waits for the running commits. */
  async close(): Promise<void> {
    await Promise.all(this.#writers.map((writer) => writer.close()));
    await this.#server.close();
  }
}
