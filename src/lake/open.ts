/** Chooses the engine. The one place outside the engines that knows their names. */
import type { Clock } from "../clock";
import type { Feed } from "../model/feed";
import { openEngine } from "./duckdb/connection";
import { openFeedTables } from "./duckdb/feed-tables";
import { EmbeddedReader } from "./duckdb/reader";
import { PinFiles } from "./duckdb/pin-files";
import type { FeedPins, FeedReader } from "./reader";
import type { Storage } from "./storage/storage";
import type { FeedWriter } from "./writer";

export interface FeedTables {
  feed: Feed;
  reader: FeedReader;
  /** The same answers for what follows the tables: it never waits behind what people ask. */
  following: FeedReader;
  pins: FeedPins;
  writer: FeedWriter;
}

export interface Lake {
  /** The tables of a feed, created when they are missing. */
  tables(feed: Feed): Promise<FeedTables>;
  /** Waits for the running commits. */
  close(): Promise<void>;
}

export interface LakeOptions {
  storage: Storage;
  /** Folder of the lake in the storage. */
  folder: string;
  clock: Clock;
  /** How long superseded file slices are kept, ms of commit time. */
  retainMs: number;
  /** Where queries that need more than their memory put it, as the engine sees it. */
  spillFolder?: string;
}

export async function openLake(options: LakeOptions): Promise<Lake> {
  const { storage, folder, clock, retainMs, spillFolder } = options;
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
