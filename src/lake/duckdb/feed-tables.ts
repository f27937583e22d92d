/** The Hudi tables of a feed, made when they are missing, and their writer. */
import { randomUUID } from "node:crypto";
import type { Clock } from "../../clock";
import type { Feed } from "../../model/feed";
import { HudiTable } from "../hudi/table";
import type { Storage } from "../storage/storage";
import { hudiSchema, LOG_PARTITION_COLUMN } from "./column-types";
import type { Engine } from "./connection";
import { EmbeddedWriter } from "./writer";
import type { WriterOptions } from "./writer-parts";

export interface FeedTablesOptions {
  storage: Storage;
  /** Folder of the lake in the storage. */
  root: string;
  feed: Feed;
  engine: Engine;
  clock: Clock;
  retainMs: number;
  bounds?: Pick<WriterOptions, "maxIndexedRows" | "groupRows">;
}

export interface EmbeddedTables {
  /** Table of the feed's name: the state, or everything of an append feed. */
  main: HudiTable;
  log: HudiTable | null;
  writer: EmbeddedWriter;
}

/** Upsert feeds with history have a log beside their state; append feeds are one table, feeds without history the state. */
export const hasLog = (feed: Feed): boolean => feed.writeMode === "upsert" && feed.historyMs !== null;

/** @throws AppError read-only when a table is there that cannot be read */
export async function openFeedTables(options: FeedTablesOptions): Promise<EmbeddedTables> {
  const { storage, root, feed, engine, clock, retainMs, bounds } = options;
  const make = (name: string, partitionField: string) =>
    HudiTable.create(storage, `${root}/${name}`, {
      name,
      recordKeyField: feed.fields[feed.key]!.name,
      partitionField,
      orderingField: feed.fields[feed.ordering]!.name,
      createSchema: hudiSchema(name, feed, partitionField),
      weirTableId: randomUUID(),
    });
  const [main, log] = await Promise.all([
    make(feed.name, feed.partitionColumn),
    hasLog(feed) ? make(`${feed.name}_log`, LOG_PARTITION_COLUMN) : null,
  ]);
  return { main, log, writer: new EmbeddedWriter({ feed, engine, clock, main, log, retainMs, ...bounds }) };
}
