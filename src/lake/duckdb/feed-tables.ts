/** The Hudi tables of a feed, made when they are missing, and their writer. */
import type { Clock } from "../../clock";
import type { Feed } from "../../model/feed";
import { makeFeedTables, type FeedTablesOnDisk } from "../hudi/feed-tables";
import { newestTime, RetentionClock } from "../hudi/retention-clock";
import type { Storage } from "../storage/storage";
import type { Engine } from "./connection";
import { EmbeddedWriter } from "./writer";
import type { OpenTerm } from "../writer";
import { tablesOf, type WriterOptions } from "./writer-parts";

export interface FeedTablesOptions {
  storage: Storage;
  /** Folder of the lake in the storage. */
  root: string;
  feed: Feed;
  engine: Engine;
  clock: Clock;
  retainMs: number;
  /** Where several processes take turns at writing. */
  openTerm?: OpenTerm;
  /** Told when the clock leaps ahead, by how many ms. */
  onLeap?: (aheadMs: number) => void;
  bounds?: Pick<WriterOptions, "maxIndexedRows" | "groupRows">;
}

export interface EmbeddedTables extends FeedTablesOnDisk {
  writer: EmbeddedWriter;
}

/** @throws AppError read-only when a table is there that cannot be read */
export async function openFeedTables(options: FeedTablesOptions): Promise<EmbeddedTables> {
  const { storage, root, feed, engine, clock, retainMs, bounds, openTerm = null, onLeap } = options;
  const { main, log } = await makeFeedTables(storage, root, feed);
  for (const table of tablesOf({ main, log })) table.openTerm = openTerm;
  const retentionClock = new RetentionClock({ clock, startAt: newestTime([main, log]), ...(onLeap && { onLeap }) });
  return {
    main,
    log,
    writer: new EmbeddedWriter({ feed, engine, clock, retentionClock, main, log, retainMs, ...bounds }),
  };
}
