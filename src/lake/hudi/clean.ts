/**
 * Deletes what nobody needs any more, as a `clean` action of the timeline: slices that newer ones superseded before the
 * earliest instant to retain, and whole partitions that are past their time.
 */
import { randomBytes } from "node:crypto";
import type { Instant } from "../../model/instant";
import { decodeAvroFile, encodeAvroFile } from "./avro-file";
import { parseBaseFile } from "./base-file";
import { CLEAN_METADATA, CLEANER_PLAN } from "./clean-schemas";
import { PARTITION_METADATA, type FileSlice, type HudiTable } from "./table";
import { assertWritable } from "./table-properties";
import { actionFiles } from "./timeline";

export interface CleanPlan {
  /** Every position from this one on reads exactly as before. Null before the first commit. */
  earliestToRetain: Instant | null;
  slices: readonly CleanedFile[];
  partitions: readonly string[];
}

type CleanedFile = Pick<FileSlice, "partition" | "name" | "path">;

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
 * @returns partitions that are gone
 */
export async function runClean(table: HudiTable, plan: CleanPlan, instant: Instant): Promise<string[]> {
  assertWritable(table.properties);
  const { storage } = table;
  const files = actionFiles(instant, "clean");
  const startedAt = performance.now();
  const planned = encodeAvroFile(CLEANER_PLAN, cleanerPlan(table, plan), randomBytes(SYNC_BYTES));
  await storage.putIfAbsent(table.timelinePath(files.requested), planned);
  await storage.putIfAbsent(table.timelinePath(files.inflight), planned);
  return carryOut(table, plan, instant, startedAt);
}

/**
 * Carries out what was planned and then stopped by a crash or a fault. Nothing of the timeline after a pending action can be
 * archived, so that one left behind would let it grow for ever.
 *
 * @param beforeDrop waited for before partitions are dropped
 * @returns partitions that are gone
 */
export async function finishCleans(table: HudiTable, beforeDrop: () => Promise<void>): Promise<string[]> {
  const gone: string[] = [];
  for (const { instant, action, state } of table.instants) {
    if (action !== "clean" || state === "COMPLETED") continue;
    const startedAt = performance.now();
    assertWritable(table.properties);
    const { requested, inflight } = actionFiles(instant, "clean");
    const planned = await table.storage.read(table.timelinePath(requested));
    const plan = planOf(table, decodeAvroFile(planned)[0] as StoredPlan);
    if (plan.partitions.length > 0) await beforeDrop();
    await table.storage.putIfAbsent(table.timelinePath(inflight), planned);
    gone.push(...(await carryOut(table, plan, instant, startedAt)));
  }
  return gone;
}

interface StoredPlan {
  earliestInstantToRetain: { timestamp: string } | null;
  filePathsToBeDeletedPerPartition: Record<string, { filePath: string | null }[]> | null;
  partitionsToBeDeleted: string[] | null;
}

/** A plan as it was stored. Files are named by where they were when it was made: the table may have been moved since. */
function planOf(table: HudiTable, stored: StoredPlan): CleanPlan {
  const slices = Object.entries(stored.filePathsToBeDeletedPerPartition ?? {}).flatMap(([partition, files]) =>
    files.flatMap(({ filePath }): CleanedFile[] => {
      const name = filePath?.split("/").at(-1) ?? "";
      const isOurs = parseBaseFile(name) !== null && isPartitionPath(partition);
      return isOurs ? [{ partition, name, path: `${table.folder}/${partition}/${name}` }] : [];
    }),
  );
  const partitions = (stored.partitionsToBeDeleted ?? []).filter(isPartitionPath);
  return { earliestToRetain: stored.earliestInstantToRetain?.timestamp ?? null, slices, partitions };
}

/** Never out of the table, nor into its timeline. */
const isPartitionPath = (path: string): boolean =>
  path.split("/").every((part) => part !== "" && !part.startsWith("."));

/** @returns partitions that are gone */
async function carryOut(table: HudiTable, plan: CleanPlan, instant: Instant, startedAt: number): Promise<string[]> {
  const { storage } = table;
  const gone = await deleteFiles(table, plan, instant);
  const metadata = {
    ...cleanMetadata(table, plan),
    startCleanTime: instant,
    timeTakenInMillis: Math.round(performance.now() - startedAt),
  };
  const { completed } = actionFiles(instant, "clean");
  const path = table.timelinePath(completed);
  await storage.putIfAbsent(path, encodeAvroFile(CLEAN_METADATA, metadata, randomBytes(SYNC_BYTES)));
  const completedAt = (await storage.stat(path))?.modifiedAt ?? null;
  table.noteInstant({ instant, action: "clean", state: "COMPLETED", completion: null, completedAt, file: completed });
  return gone;
}

/** The deletions of a plan; those that were made before change nothing. @returns partitions that are gone */
async function deleteFiles(
  table: HudiTable,
  plan: Omit<CleanPlan, "earliestToRetain">,
  instant: Instant,
): Promise<string[]> {
  const { storage, folder } = table;
  table.forgetSlices(new Set(plan.slices.map(({ path }) => path)));
  // A plan that a crash left behind may be carried out after rows came into the partition again.
  const inUse = new Set(table.allSlices().flatMap((slice) => (slice.instant > instant ? [slice.partition] : [])));
  const partitions = plan.partitions.filter((partition) => !inUse.has(partition));
  const gone = new Set(partitions);
  table.forgetSlices(new Set(table.allSlices().flatMap(({ partition, path }) => (gone.has(partition) ? [path] : []))));
  for (const { path } of plan.slices) await storage.remove(path);
  for (const partition of partitions) {
    await storage.remove(`${folder}/${partition}/${PARTITION_METADATA}`);
    await storage.removeFolder(`${folder}/${partition}`);
    table.forgetPartition(partition);
  }
  return partitions;
}

const byPartition = (slices: readonly CleanedFile[]): Map<string, CleanedFile[]> => {
  const partitions = new Map<string, CleanedFile[]>();
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
