/** Chooses the engine. The one place outside the engines that knows their names. */
import type { Clock } from "../clock";
import type { Feed } from "../model/feed";
import { openEngine } from "./duckdb/connection";
import { openFeedTables } from "./duckdb/feed-tables";
import { EmbeddedReader } from "./duckdb/reader";
import type { FeedReader } from "./reader";
import type { Storage } from "./storage/storage";
import type { FeedWriter } from "./writer";

export interface FeedTables {
  feed: Feed;
  reader: FeedReader;
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
      return { feed, reader: new EmbeddedReader({ feed, engine, main, log }), writer };
    },
    async close() {
      await Promise.all(writers.map((writer) => writer.close()));
      await engine.close();
    },
  };
}
