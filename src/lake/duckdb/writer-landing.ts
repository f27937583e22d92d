/** The second step of a commit: files and timelines of both tables, then the indexes over them. */
import { BOOLEAN, DuckDBDataChunk, INTEGER, VARCHAR, type DuckDBConnection, type DuckDBType } from "@duckdb/node-api";
import { partitionValue } from "../../model/feed";
import { timeOf, type Instant } from "../../model/instant";
import { fileIdsOf } from "../hudi/base-file";
import { COMMITTED_AT } from "../hudi/commit-metadata";
import { hudiSchema, LOG_PARTITION_COLUMN } from "../hudi/feed-schema";
import type { HudiTable } from "../hudi/table";
import { Transaction } from "../hudi/transaction";
import type { Group, GroupIndex } from "./index-groups";
import type { Incoming } from "./merge";
import { allSettled } from "./settled";
import type { Attempt } from "./writer-attempt";
import { writeFile } from "./writer-files";
import type { WriterParts } from "./writer-parts";
import { planAppend, planUpsert, type FilePlan, type PlanContext } from "./writer-plan";

interface NumberedFile {
  /** What names the file in DuckDB's work tables. */
  number: number;
  plan: FilePlan;
}

export interface Landing {
  transaction: Transaction;
  files: readonly NumberedFile[];
}

/**
 * Writes the files of both tables side by side, then completes the log's commit, then the state's.
 *
 * @param withLog false to finish a commit that the log has
 */
export async function land(parts: WriterParts, attempt: Attempt, withLog: boolean): Promise<Landing[]> {
  const transactions: Transaction[] = [];
  try {
    return await writeBoth(parts, attempt, withLog, (transaction) => transactions.push(transaction));
  } catch (error) {
    // Nobody else knows of files that were published after another process had rolled this commit back.
    if (parts.main.openTerm) await Promise.allSettled(transactions.map((transaction) => transaction.abandon()));
    throw error;
  }
}

async function writeBoth(
  parts: WriterParts,
  attempt: Attempt,
  withLog: boolean,
  onBegun: (transaction: Transaction) => void,
): Promise<Landing[]> {
  const planned = planFiles(parts, attempt, withLog);
  const prepared = placeRows(
    parts,
    planned.flatMap(({ files }) => files),
  );
  const begun = allSettled(
    planned.map(async ({ table, files }): Promise<Landing> => {
      const operation = table === parts.main && parts.feed.writeMode === "upsert" ? "UPSERT" : "INSERT";
      const transaction = await Transaction.begin(table, attempt.instant, operation);
      onBegun(transaction);
      await prepared;
      await allSettled(files.map((file) => writeGroup(parts, transaction, file)));
      return { transaction, files };
    }),
  );
  await allSettled<unknown>([prepared, begun]);
  const landings = await begun;
  for (const { transaction } of landings) {
    const committedAt = parts.clock.now();
    await transaction.complete(extraMetadata(parts, transaction.table, attempt, committedAt), committedAt);
  }
  return landings;
}

function planFiles(parts: WriterParts, { instant, incoming, plan }: Attempt, withLog: boolean) {
  const { versions, main, keys, feed } = parts;
  const tables: { table: HudiTable; plans: FilePlan[] }[] = [];
  if (withLog && versions) {
    const context = planContext(parts, versions.table, versions.index, instant);
    tables.push({ table: versions.table, plans: planAppend(context, logPartitions(parts, instant, incoming)) });
  }
  if (feed.writeMode === "upsert") {
    tables.push({ table: main, plans: planUpsert(planContext(parts, main, keys, instant), plan) });
  }
  let number = 0;
  return tables.map(({ table, plans }) => ({
    table,
    files: plans.map((filePlan): NumberedFile => ({ number: number++, plan: filePlan })),
  }));
}

function planContext({ groupRows }: WriterParts, table: HudiTable, index: GroupIndex, instant: Instant): PlanContext {
  const open = (partition: string) => {
    const group = index.youngest(partition);
    return group === null || group.rows >= groupRows ? null : group;
  };
  return { table, open, newFileId: fileIdsOf(instant), groupRows };
}

/** Arrivals by partition of the log: the day of the commit, or in append feeds that of the event. */
function logPartitions({ feed }: WriterParts, instant: Instant, incoming: readonly Incoming[]) {
  const day = `${LOG_PARTITION_COLUMN}=${partitionValue("day", timeOf(instant))}`;
  const arrivals = new Map<string, number[]>();
  for (const { n, partition } of incoming) {
    const target = feed.writeMode === "append" ? partition : day;
    const known = arrivals.get(target);
    if (known) known.push(n);
    else arrivals.set(target, [n]);
  }
  return arrivals;
}

/** Tells DuckDB which row goes into which file, and which keys leave one. */
async function placeRows({ engine, tables }: WriterParts, files: readonly NumberedFile[]): Promise<void> {
  const { placed, removed } = tables;
  const rows = files.flatMap(({ number, plan }) => [
    ...plan.inserts.map((n) => [n, number, true]),
    ...plan.updates.map((n) => [n, number, false]),
  ]);
  const leaving = files.flatMap(({ number, plan }) => [
    ...plan.replaced.map((key) => [number, key, false]),
    ...plan.left.map((key) => [number, key, true]),
  ]);
  await engine.write(async (c) => {
    await c.run(`CREATE OR REPLACE TABLE ${placed} (n INTEGER, f INTEGER, is_new BOOLEAN)`);
    await appendRows(c, placed, [INTEGER, INTEGER, BOOLEAN], rows);
    if (leaving.length === 0) return; // most commits bring new keys only: nobody asks for the table
    await c.run(`CREATE OR REPLACE TABLE ${removed} (f INTEGER, key VARCHAR, is_gone BOOLEAN)`);
    await appendRows(c, removed, [INTEGER, VARCHAR, BOOLEAN], leaving);
  });
}

/** Rows of a chunk. */
const CHUNK_ROWS = 2048;

async function appendRows(
  connection: DuckDBConnection,
  table: string,
  types: readonly DuckDBType[],
  rows: readonly (readonly (number | string | boolean)[])[],
): Promise<void> {
  if (rows.length === 0) return;
  const appender = await connection.createAppender(table);
  try {
    for (let start = 0; start < rows.length; start += CHUNK_ROWS) {
      const part = rows.slice(start, start + CHUNK_ROWS);
      const chunk = DuckDBDataChunk.create(types, part.length);
      chunk.setRows(part);
      appender.appendDataChunk(chunk);
    }
  } finally {
    appender.closeSync();
  }
}

async function writeGroup(parts: WriterParts, transaction: Transaction, { number, plan }: NumberedFile): Promise<void> {
  const { feed, engine, tables } = parts;
  const { storage } = transaction.table;
  const placement = await transaction.place(plan.partition, plan.fileId, plan.previous);
  const source = { feed, instant: transaction.instant, ...tables };
  const written = await engine.write((c) =>
    writeFile(c, source, {
      number,
      partition: plan.partition,
      name: placement.name,
      temporary: storage.locate(placement.temporary),
      previous: plan.previous && storage.locate(plan.previous.path),
      removes: plan.replaced.length + plan.left.length > 0,
    }),
  );
  const counts = { inserts: plan.inserts.length, updates: plan.updates.length, deletes: plan.left.length };
  await transaction.publish(placement, { ...written, ...counts });
}

function extraMetadata(parts: WriterParts, table: HudiTable, attempt: Attempt, committedAt: number) {
  const partitionColumn = table === parts.log ? LOG_PARTITION_COLUMN : parts.feed.partitionColumn;
  return new Map([
    ["schema", hudiSchema(table.properties.name, parts.feed, partitionColumn)],
    ["weir_staged", attempt.staged.join(",")],
    ["weir_versions", String(attempt.incoming.length)],
    // The time of the file is the machine's; a replay under a stepped clock has its own.
    [COMMITTED_AT, String(committedAt)],
  ]);
}

/** Brings the indexes up to a commit that is complete. */
export async function indexLanding(parts: WriterParts, { transaction, files }: Landing): Promise<void> {
  const { batch, placed, removed } = parts.tables;
  const stats = new Map(transaction.stats.map((stat) => [`${stat.partitionPath}/${stat.fileId}`, stat]));
  for (const index of indexesOf(parts, transaction.table)) {
    const grown = new Map<number, Group>();
    const shrunk = new Map<number, Group>();
    for (const { number, plan } of files) {
      const { numWrites, minEventTime: min, maxEventTime: max } = stats.get(`${plan.partition}/${plan.fileId}`)!;
      const group = index.noteFile(plan, numWrites, min === null || max === null ? null : { min, max });
      if (plan.inserts.length > 0) grown.set(number, group);
      if (plan.left.length > 0) shrunk.set(number, group);
    }
    await parts.engine.write(async (c) => {
      await index.remove(c, removed, shrunk);
      await index.add(c, batch, placed, grown);
    });
  }
}

const indexesOf = ({ main, keys, versions }: WriterParts, table: HudiTable): GroupIndex[] => [
  ...(table === main ? [keys] : []),
  ...(versions !== null && table === versions.table ? [versions.index] : []),
];
