/** What the parts of a feed's reader share. */
import type { Feed } from "../../model/feed";
import type { HudiTable } from "../hudi/table";
import { CommitIndex, type Beginnings } from "./commit-index";
import type { Engine } from "./connection";
import type { FollowedTables } from "./following";
import { FileBounds } from "./file-bounds";
import { columnOf } from "./filter-sql";
import type { PinFiles } from "../pins/pin-files";
import { feedColumns, type ResultColumn } from "./rows";
import { FileScanner } from "./scan-files";

export interface ReaderOptions {
  feed: Feed;
  engine: Engine;
  /** Table of the feed's name: the state, or everything of an append feed. */
  main: HudiTable;
  /** Null for append feeds and feeds without history. */
  log: HudiTable | null;
  pins: PinFiles;
  /** Of the table that holds every version. */
  beginnings?: Beginnings;
  /** Where another process of ours may write the tables. */
  followed?: Pick<FollowedTables, "look" | "refresh">;
  /** Bound of the kept answers. */
  maxAnswerBytes?: number;
  /** Rows of a piece of a scan over slices of the state. */
  pieceRows?: number;
}

export interface ReaderParts {
  feed: Feed;
  engine: Engine;
  main: HudiTable;
  /** The table that holds every version, or null. */
  versions: HudiTable | null;
  pins: PinFiles;
  commits: CommitIndex;
  scanner: FileScanner;
  bounds: FileBounds;
  /** How the fields of the feed are fetched, in their order. */
  columns: readonly ResultColumn[];
  /** Finds what another process has committed. */
  look: () => Promise<void>;
  /** Reads the tables again from disk, when somebody else may have written them. */
  refresh: () => Promise<void>;
}

export function readerParts({ feed, engine, main, log, pins, beginnings, followed }: ReaderOptions): ReaderParts {
  const versions = feed.writeMode === "append" ? main : log;
  const scanner = new FileScanner(main.storage, feed);
  return {
    feed,
    engine,
    main,
    versions,
    pins,
    commits: new CommitIndex(engine, main, versions, beginnings),
    scanner,
    bounds: new FileBounds(engine, scanner, feed),
    columns: feedColumns(feed, (field) => columnOf(feed, field)),
    look: async () => followed?.look(),
    refresh: async () => followed?.refresh(),
  };
}
