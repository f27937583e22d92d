/**
 * Deletes what nobody needs any more, as a `clean` action of the timeline: slices that newer ones superseded before the
 * earliest instant to retain, and whole partitions that are past their time.
 */
import { randomBytes } from "node:crypto";
import type { Instant } from "../../model/instant";
import { encodeAvroFile } from "./avro-file";
import { CLEAN_METADATA, CLEANER_PLAN } from "./clean-schemas";
import { PARTITION_METADATA, type FileSlice, type HudiTable } from "./table";
import { assertWritable } from "./table-properties";
import { actionFiles } from "./timeline";

export interface CleanPlan {
  /** Every position from this one on reads exactly as before. Null before the first commit. */
  earliestToRetain: Instant | null;
  slices: readonly FileSlice[];
  partitions: readonly string[];
}

const POLICY = "KEEP_LATEST_COMMITS";
const SYNC_BYTES = 16;

/**
 * Slices that a reader at `earliest` or later never opens: per group, those before the newest one at or before it, and
 * everything of groups that were replaced by then. What a savepoint holds stays.
 *
 * @param limit at most this many, the oldest first
 */
export function supersededSlices(table: HudiTable, earliest: Instant, limit: number): FileSlice[] {
  const held = new Set(table.instants.flatMap(({ action, instant }) => (action === "savepoint" ? [instant] : [])));
  if (held.size > 0) return []; // a savepoint keeps the slices of its view; what those are is its writer's to tell
  const needed = new Set(table.slices(earliest).map(({ path }) => path));
  const found = table.allSlices().filter((slice) => slice.instant <= earliest && !needed.has(slice.path));
  found.sort((a, b) => (a.instant < b.instant ? -1 : 1));
  return found.slice(0, limit);
}

/**
 * Runs a clean. A partition goes by its metadata file first, without which no engine looks into it: it vanishes at once.
 *
 * @param instant greater than every instant of the timeline
 */
export async function runClean(table: HudiTable, plan: CleanPlan, instant: Instant): Promise<void> {
  assertWritable(table.properties);
  const { storage, folder } = table;
  const files = actionFiles(instant, "clean");
  const startedAt = performance.now();
  const planned = encodeAvroFile(CLEANER_PLAN, cleanerPlan(table, plan), randomBytes(SYNC_BYTES));
  await storage.putIfAbsent(table.timelinePath(files.requested), planned);
  await storage.putIfAbsent(table.timelinePath(files.inflight), planned);
  await deleteFiles(table, plan);
  const metadata = {
    ...cleanMetadata(table, plan),
    startCleanTime: instant,
    timeTakenInMillis: Math.round(performance.now() - startedAt),
  };
  const path = `${folder}/.hoodie/${files.completed}`;
  await storage.putIfAbsent(path, encodeAvroFile(CLEAN_METADATA, metadata, randomBytes(SYNC_BYTES)));
  const completedAt = (await storage.stat(path))?.modifiedAt ?? null;
  table.noteInstant({
    instant,
    action: "clean",
    state: "COMPLETED",
    completion: null,
    completedAt,
    file: files.completed,
  });
}

/** The deletions of a plan; those that were made before change nothing. */
export async function deleteFiles(table: HudiTable, plan: Omit<CleanPlan, "earliestToRetain">): Promise<void> {
  const { storage, folder } = table;
  table.forgetSlices(new Set(plan.slices.map(({ path }) => path)));
  const gone = new Set(plan.partitions);
  table.forgetSlices(new Set(table.allSlices().flatMap(({ partition, path }) => (gone.has(partition) ? [path] : []))));
  for (const { path } of plan.slices) await storage.remove(path);
  for (const partition of plan.partitions) {
    await storage.remove(`${folder}/${partition}/${PARTITION_METADATA}`);
    await storage.removeFolder(`${folder}/${partition}`);
    table.forgetPartition(partition);
  }
}

const byPartition = (slices: readonly FileSlice[]): Map<string, FileSlice[]> => {
  const partitions = new Map<string, FileSlice[]>();
  for (const slice of slices) {
    const known = partitions.get(slice.partition);
    if (known) known.push(slice);
    else partitions.set(slice.partition, [slice]);
  }
  return partitions;
};

const cleanerPlan = (table: HudiTable, { earliestToRetain, slices, partitions }: CleanPlan) => ({
  earliestInstantToRetain:
    earliestToRetain === null ? null : { timestamp: earliestToRetain, action: "commit", state: "COMPLETED" },
  lastCompletedCommitTimestamp: table.head ?? "",
  policy: POLICY,
  filesToBeDeletedPerPartition: {},
  version: 2,
  filePathsToBeDeletedPerPartition: Object.fromEntries(
    [...byPartition(slices)].map(([partition, found]) => [
      partition,
      found.map(({ path }) => ({ filePath: table.storage.locate(path), isBootstrapBaseFile: false })),
    ]),
  ),
  partitionsToBeDeleted: partitions,
  extraMetadata: null,
});

const cleanMetadata = (table: HudiTable, { earliestToRetain, slices, partitions }: CleanPlan) => {
  const entries = [...byPartition(slices)].map(([partition, found]) => ({
    partition,
    names: found.map(({ name }) => name),
    isPartitionDeleted: false,
  }));
  const dropped = partitions.map((partition) => ({ partition, names: [], isPartitionDeleted: true }));
  return {
    totalFilesDeleted: slices.length,
    earliestCommitToRetain: earliestToRetain ?? "",
    lastCompletedCommitTimestamp: table.head ?? "",
    partitionMetadata: Object.fromEntries(
      [...entries, ...dropped].map(({ partition, names, isPartitionDeleted }) => [
        partition,
        {
          partitionPath: partition,
          policy: POLICY,
          deletePathPatterns: names,
          successDeleteFiles: names,
          failedDeleteFiles: [],
          isPartitionDeleted,
        },
      ]),
    ),
    version: 2,
    bootstrapPartitionMetadata: null,
    extraMetadata: null,
  };
};
