/** Chooses the engine. The one place outside the engines that knows their names. */
import type { Feed } from "../model/feed";
import type { FeedReader } from "./reader";
import type { FeedWriter } from "./writer";

export interface FeedTables {
  feed: Feed;
  reader: FeedReader;
  writer: FeedWriter;
}

export interface Lake {
  /** The tables of a feed, created when they are missing. */
  tables(feed: Feed): Promise<FeedTables>;
  close(): Promise<void>;
}
