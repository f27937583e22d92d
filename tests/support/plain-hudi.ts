/**
 * A Hudi table as any other engine would see it: the timeline's folder says which commits are complete, DuckDB reads the files
 * of the newest complete slice of each file group. It shares no code with the product, so that both can be wrong only apart.
 */
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";

export interface PlainRow {
  commit: string;
  /** File number and row number within the commit. */
  seqno: readonly [number, number];
  partition: string;
  /** Every column that is not Hudi's: timestamps as epoch ms, numbers as numbers, absent as null. */
  values: Record<string, unknown>;
}

export interface PlainTable {
  rows: PlainRow[];
  /** Instants of completed commits that are on the active timeline, ascending. */
  commits: string[];
  /** Actions that were begun and neither completed nor undone. */
  pending: string[];
  /** Files in partitions that belong to no completed commit. */
  strays: string[];
}

const BASE_FILE = /^([^_]+)_[^_]+_(\d{17})\.parquet$/;
const ACTION = /^(\d{17})\.(commit|replacecommit|clean|rollback)(?:\.(requested|inflight))?$|^(\d{17})\.inflight$/;

/** @param folder absolute path of the table */
export async function readPlainTable(folder: string): Promise<PlainTable> {
  const { commits, pending } = await readTimeline(join(folder, ".hoodie"));
  const strays: string[] = [];
  const newest = new Map<string, { instant: string; path: string; partition: string }>();
  for (const partition of await partitionsOf(folder)) {
    for (const name of await readdir(join(folder, partition))) {
      const match = BASE_FILE.exec(name);
      if (match === null || !isCommitted(match[2]!, commits)) {
        if (name !== ".hoodie_partition_metadata") strays.push(`${partition}/${name}`);
        continue;
      }
      const group = `${partition}/${match[1]!}`;
      const known = newest.get(group);
      if (known === undefined || known.instant < match[2]!)
        newest.set(group, { instant: match[2]!, path: join(folder, partition, name), partition });
    }
  }
  const rows = newest.size === 0 ? [] : await readRows([...newest.values()].map(({ path }) => path));
  return { rows, commits, pending, strays };
}

/** Instants of actions that were begun and neither completed nor undone. @param folder absolute path of the table */
export const pendingActions = async (folder: string): Promise<string[]> =>
  (await readTimeline(join(folder, ".hoodie"))).pending;

/** What is older than the active timeline was complete before it was archived. */
const isCommitted = (instant: string, commits: readonly string[]): boolean =>
  commits.includes(instant) || (commits.length > 0 && instant < commits[0]!);

async function readTimeline(folder: string): Promise<{ commits: string[]; pending: string[] }> {
  const done = new Set<string>();
  const begun = new Set<string>();
  const commits: string[] = [];
  for (const name of await readdir(folder)) {
    const match = ACTION.exec(name);
    if (match === null) continue;
    const [, instant, action, state, bareInflight] = match;
    if (bareInflight !== undefined) begun.add(bareInflight);
    else if (state !== undefined) begun.add(instant!);
    else {
      done.add(instant!);
      if (action === "commit" || action === "replacecommit") commits.push(instant!);
    }
  }
  return { commits: commits.sort(), pending: [...begun].filter((instant) => !done.has(instant)).sort() };
}

async function partitionsOf(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  return entries.filter((entry) => entry.isDirectory() && entry.name !== ".hoodie").map(({ name }) => name);
}

async function readRows(paths: readonly string[]): Promise<PlainRow[]> {
  const instance = await DuckDBInstance.create(":memory:", { threads: "1" });
  const connection = await instance.connect();
  try {
    const files = `[${paths.map((path) => `'${path.replaceAll("'", "''")}'`).join(", ")}]`;
    const from = `FROM read_parquet(${files}, hive_partitioning = false)`;
    const columns = (await connection.runAndReadAll(`DESCRIBE SELECT * ${from}`)).getRowObjectsJson();
    const picked = columns.map(({ column_name, column_type }) =>
      String(column_type).startsWith("TIMESTAMP")
        ? `epoch_ms("${String(column_name)}") AS "${String(column_name)}"`
        : `"${String(column_name)}"`,
    );
    const read = (await connection.runAndReadAll(`SELECT ${picked.join(", ")} ${from}`)).getRowObjectsJson();
    const whole = new Set(
      columns.flatMap(({ column_name, column_type }) =>
        /^(BIGINT|INTEGER|TIMESTAMP)/.test(String(column_type)) ? [String(column_name)] : [],
      ),
    );
    return read.map((row) => plainRow(row, whole));
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

function plainRow(row: Record<string, unknown>, whole: ReadonlySet<string>): PlainRow {
  const values: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(row)) {
    if (name.startsWith("_hoodie_")) continue;
    values[name] = whole.has(name) && value !== null ? Number(value) : value;
  }
  const [, file, number] = String(row["_hoodie_commit_seqno"]).split("_");
  return {
    commit: String(row["_hoodie_commit_time"]),
    seqno: [Number(file), Number(number)],
    partition: String(row["_hoodie_partition_path"]),
    values,
  };
}
