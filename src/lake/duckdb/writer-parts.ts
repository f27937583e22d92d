/** What the steps of a commit share: the feed, its tables, the indexes over them and the names of DuckDB's work tables. */
import type { Clock } from "../../clock";
import { partitionValue, type Feed } from "../../model/feed";
import type { HudiTable } from "../hudi/table";
import type { Engine } from "./connection";
import { GroupIndex } from "./index-groups";
import { GROUP_ROWS } from "./merge";

export interface WriterOptions {
  feed: Feed;
  engine: Engine;
  clock: Clock;
  /** By which the past is let go. */
  retentionClock: Clock;
  /** Table of the feed's name: the state, or everything of an append feed. */
  main: HudiTable;
  /** Null for append feeds and feeds without history. */
  log: HudiTable | null;
  /** How long superseded slices and timelines are kept, ms. */
  retainMs: number;
  /** Bound of each index in memory. */
  maxIndexedRows?: number;
  /** Rows at which a file group takes no more. */
  groupRows?: number;
}

export interface WriterParts {
  feed: Feed;
  engine: Engine;
  clock: Clock;
  main: HudiTable;
  log: HudiTable | null;
  /** The table that takes every version: the log, or the one table of an append feed. Null without history. */
  versions: { table: HudiTable; index: GroupIndex } | null;
  /** Rows by key: of the state, or of the one table of an append feed. */
  keys: GroupIndex;
  /** DuckDB tables of a commit: its rows, which of them goes where, which keys leave where. */
  tables: { batch: string; placed: string; removed: string };
  groupRows: number;
  /** Partition path of an event time (epoch ms) in the main table. */
  partitionAt(eventTimeMs: number): string;
}

export function writerParts(options: WriterOptions): WriterParts {
  const { feed, engine, clock, main, log, maxIndexedRows, groupRows } = options;
  const nameOf = (field: number) => feed.fields[field]!.name;
  const index = (name: string, table: HudiTable, fields: readonly number[]) =>
    new GroupIndex(engine, table, {
      name: `${name}_${feed.name}`,
      columns: fields.map(nameOf),
      eventTimeColumn: nameOf(feed.eventTime),
      ...(maxIndexedRows === undefined ? {} : { maxRows: maxIndexedRows }),
    });
  const versionTable = feed.writeMode === "append" ? main : log;
  const versionFields = [feed.key, feed.ordering, ...(feed.rank === null ? [] : [feed.rank.field])];
  return {
    feed,
    engine,
    clock,
    main,
    log,
    versions: versionTable && { table: versionTable, index: index("versions", versionTable, versionFields) },
    keys: index("keys", main, [feed.key]),
    tables: { batch: `batch_${feed.name}`, placed: `placed_${feed.name}`, removed: `removed_${feed.name}` },
    groupRows: groupRows ?? GROUP_ROWS,
    partitionAt: partitionPaths(feed),
  };
}

export const tablesOf = ({ log, main }: Pick<WriterParts, "log" | "main">): HudiTable[] =>
  log === null ? [main] : [log, main];

const UNIT_MS = { day: 86_400_000, hour: 3_600_000 } as const;
const PATHS_KEPT = 1_000;

/** Made once per day or hour: a batch asks for thousands. */
function partitionPaths({ granularity, partitionColumn }: Feed): (eventTimeMs: number) => string {
  const paths = new Map<number, string>();
  return (eventTimeMs) => {
    const unit = Math.floor(eventTimeMs / UNIT_MS[granularity]);
    let path = paths.get(unit);
    if (path === undefined) {
      path = `${partitionColumn}=${partitionValue(granularity, eventTimeMs)}`;
      if (paths.size >= PATHS_KEPT) paths.clear();
      paths.set(unit, path);
    }
    return path;
  };
}
