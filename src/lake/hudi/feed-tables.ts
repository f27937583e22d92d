/** The tables of a feed on the disk: real Hudi tables of version 6, whichever engine then writes them. */
import { randomUUID } from "node:crypto";
import type { Feed } from "../../model/feed";
import type { Storage } from "../storage/storage";
import { hudiSchema, LOG_PARTITION_COLUMN } from "./feed-schema";
import { HudiTable } from "./table";

export interface FeedTablesOnDisk {
  /** Table of the feed's name: the state, or everything of an append feed. */
  main: HudiTable;
  log: HudiTable | null;
}

/** Upsert feeds with history have a log beside their state; append feeds are one table, feeds without history the state. */
export const hasLog = (feed: Feed): boolean => feed.writeMode === "upsert" && feed.historyMs !== null;

/**
 * Makes the tables that are missing in a folder of the storage, and opens the others.
 *
 * @throws AppError read-only when a table is there that cannot be read
 */
export async function makeFeedTables(storage: Storage, root: string, feed: Feed): Promise<FeedTablesOnDisk> {
  const make = (name: string, partitionField: string, buckets: number | null) =>
    HudiTable.create(storage, `${root}/${name}`, {
      name,
      recordKeyField: feed.fields[feed.key]!.name,
      partitionField,
      orderingField: feed.fields[feed.ordering]!.name,
      createSchema: hudiSchema(name, feed, partitionField),
      weirTableId: randomUUID(),
      buckets,
    });
  const [main, log] = await Promise.all([
    make(feed.name, feed.partitionColumn, feed.buckets),
    hasLog(feed) ? make(`${feed.name}_log`, LOG_PARTITION_COLUMN, null) : null,
  ]);
  return { main, log };
}
