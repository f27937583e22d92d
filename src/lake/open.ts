/** Chooses the engine. The one place outside the engines that knows their names. */
import type { Clock } from "../clock";
import type { Log } from "../log";
import type { Feed } from "../model/feed";
import { AdoptedReader } from "./adopted/reader";
import { EmbeddedAdoptedSource } from "./duckdb/adopted/source";
import { TableWatch } from "./duckdb/adopted/table-look";
import { openEngine, type Engine } from "./duckdb/connection";
import { openFeedTables } from "./duckdb/feed-tables";
import { EmbeddedReader } from "./duckdb/reader";
import { PinFiles } from "./duckdb/pin-files";
import { noPins } from "./no-pins";
import type { FeedPins, FeedReader } from "./reader";
import { SparkLake, STAGING_FOLDER } from "./spark/spark-lake";
import type { SparkAddress } from "./spark/spark-url";
import type { Storage } from "./storage/storage";
import type { FeedWriter } from "./writer";

/** @typeParam Writer null for tables that others write */
export interface FeedTables<Writer extends FeedWriter | null = FeedWriter> {
  feed: Feed;
  reader: FeedReader;
  /** The same answers for what follows the tables: it never waits behind what people ask. */
  following: FeedReader;
  pins: FeedPins;
  writer: Writer;
}

export interface Lake<Writer extends FeedWriter | null = FeedWriter> {
  /** The tables of a feed, created when they are missing, unless others write them. */
  tables(feed: Feed): Promise<FeedTables<Writer>>;
  /** Waits for the running commits. */
  close(): Promise<void>;
}

export type EngineChoice =
  | {
      kind: "embedded";
      /** Where queries that need more than their memory put it, as the engine sees it. */
      spillFolder?: string;
    }
  | {
      kind: "spark";
      address: SparkAddress;
      /** Folder of the lake as Spark sees it, `file:/srv/lake`. */
      url: string;
      log: Log;
    };

export interface LakeOptions {
  engine?: EngineChoice;
  storage: Storage;
  /** Folder of the lake in the storage. */
  folder: string;
  clock: Clock;
  /** How long superseded file slices are kept, ms of commit time. On Spark its cleaner decides. */
  retainMs: number;
}

export function openLake(options: LakeOptions): Promise<Lake> {
  const { engine = { kind: "embedded" }, ...more } = options;
  return engine.kind === "spark" ? Promise.resolve(onSpark(engine, more)) : embedded(engine, more);
}

export interface AdoptedOptions extends Omit<LakeOptions, "retainMs"> {
  /** The tables lie in the folder; false: where Spark's catalog has them. */
  isNamed: boolean;
}

/** A lake whose tables others write: they are followed as they are, and may not be there yet. */
export async function openAdoptedLake(options: AdoptedOptions): Promise<Lake<null>> {
  const { engine = { kind: "embedded" }, storage, folder, clock, isNamed } = options;
  if (engine.kind === "spark") {
    const lake = new SparkLake({ ...engine, storage, folder, clock });
    return {
      tables(feed) {
        const reader = lake.adopted(feed, isNamed ? `${engine.url}/${feed.name}` : null);
        return Promise.resolve({ feed, reader, following: reader, pins: noPins, writer: null });
      },
      close: () => lake.close(),
    };
  }
  const duckdb = await openEngine(engine.spillFolder === undefined ? {} : { spillFolder: engine.spillFolder });
  return {
    tables(feed) {
      const watch = new TableWatch(storage, `${folder}/${feed.name}`, clock);
      const readerOn = (lent: Engine, more: { maxAnswerBytes?: number } = {}) =>
        new AdoptedReader({ feed, source: new EmbeddedAdoptedSource({ feed, engine: lent, watch }), clock, ...more });
      const following = readerOn({ ...duckdb, read: duckdb.follow }, { maxAnswerBytes: 0 });
      return Promise.resolve({ feed, reader: readerOn(duckdb), following, pins: noPins, writer: null });
    },
    close: () => duckdb.close(),
  };
}

/** Where staged files of all feeds have to lie so that the engine reaches them; null = anywhere. */
export const stagingFolderOf = ({ kind }: Pick<EngineChoice, "kind">): string | null =>
  kind === "spark" ? STAGING_FOLDER : null;

function onSpark({ address, url, log }: EngineChoice & { kind: "spark" }, options: Omit<LakeOptions, "engine">): Lake {
  const { storage, folder, clock } = options;
  const lake = new SparkLake({ address, storage, folder, url, clock, log });
  return {
    async tables(feed) {
      const { reader, writer } = await lake.tables(feed);
      return { feed, reader, following: reader, pins: noPins, writer };
    },
    close: () => lake.close(),
  };
}

async function embedded(
  { spillFolder }: EngineChoice & { kind: "embedded" },
  { storage, folder, clock, retainMs }: Omit<LakeOptions, "engine">,
): Promise<Lake> {
  const engine = await openEngine(spillFolder === undefined ? {} : { spillFolder });
  const writers: { close(): Promise<void> }[] = [];
  return {
    async tables(feed) {
      const { main, log, writer } = await openFeedTables({ storage, root: folder, feed, engine, clock, retainMs });
      writers.push(writer);
      const pins = await PinFiles.open(storage, `${folder}/${feed.name}_pins`);
      const reader = new EmbeddedReader({ feed, engine, main, log, pins });
      const ahead = { ...engine, read: engine.follow };
      const following = new EmbeddedReader({ feed, engine: ahead, main, log, pins, maxAnswerBytes: 0 });
      return { feed, reader, following, pins: reader, writer };
    },
    async close() {
      await Promise.all(writers.map((writer) => writer.close()));
      await engine.close();
    },
  };
}
