/** The body of a completed commit: which files it wrote, what it replaced, and what its writer noted beside that. */
import { z } from "zod";
import { decodeAvroFile } from "./avro-file";

export interface WriteStat {
  fileId: string;
  /** Relative to the table, partition included. */
  path: string;
  /** Relative partition path, `event_date=2026-11-21`. */
  partitionPath: string;
  /** Instant of the slice that this one supersedes, or "null" for a new group. */
  prevCommit: string;
  /** All rows of the file. */
  numWrites: number;
  numInserts: number;
  numUpdateWrites: number;
  numDeletes: number;
  fileSizeInBytes: number;
  /** Least and greatest event time of the file's rows in epoch ms; null when the writer did not say. */
  minEventTime: number | null;
  maxEventTime: number | null;
}

/** Extra metadata of our commits: when they completed, by the committer's clock, epoch ms. */
export const COMMITTED_AT = "weir_committed_at";

export interface CommitMetadata {
  operationType: string;
  writeStats: readonly WriteStat[];
  /** Only in replacecommits: file ids per partition that readers no longer see. */
  replaced: ReadonlyMap<string, readonly string[]>;
  extra: ReadonlyMap<string, string>;
}

const count = z
  .number()
  .nullish()
  .transform((value) => value ?? 0);
const stat = z.object({
  fileId: z.string().nullish(),
  path: z.string().nullish(),
  partitionPath: z.string().nullish(),
  prevCommit: z.string().nullish(),
  numWrites: count,
  numInserts: count,
  numUpdateWrites: count,
  numDeletes: count,
  fileSizeInBytes: count,
  minEventTime: z.number().nullish(),
  maxEventTime: z.number().nullish(),
});
const metadata = z.object({
  partitionToWriteStats: z.record(z.string(), z.array(stat)).nullish(),
  partitionToReplaceFileIds: z.record(z.string(), z.array(z.string())).nullish(),
  extraMetadata: z.record(z.string(), z.string().nullable()).nullish(),
  operationType: z.string().nullish(),
});

const AVRO_MAGIC = "Obj\u0001";

/** Reads JSON (version 6 and migrated commits) as well as Avro (versions 8 and 9). An empty file is an empty commit. */
export function parseCommitMetadata(bytes: Uint8Array): CommitMetadata {
  if (bytes.length === 0) return { operationType: "UNKNOWN", writeStats: [], replaced: new Map(), extra: new Map() };
  const isAvro = Buffer.from(bytes.subarray(0, 4)).toString("latin1") === AVRO_MAGIC;
  const json: unknown = isAvro ? decodeAvroFile(bytes)[0] : JSON.parse(Buffer.from(bytes).toString("utf8"));
  const parsed = metadata.parse(json);
  return {
    operationType: parsed.operationType ?? "UNKNOWN",
    writeStats: Object.entries(parsed.partitionToWriteStats ?? {}).flatMap(([partition, stats]) =>
      stats.flatMap((s): WriteStat[] =>
        typeof s.path !== "string" || typeof s.fileId !== "string"
          ? []
          : [
              {
                ...s,
                fileId: s.fileId,
                path: s.path,
                partitionPath: s.partitionPath ?? partition,
                prevCommit: s.prevCommit ?? "null",
                minEventTime: s.minEventTime ?? null,
                maxEventTime: s.maxEventTime ?? null,
              },
            ],
      ),
    ),
    replaced: new Map(Object.entries(parsed.partitionToReplaceFileIds ?? {})),
    extra: new Map(
      Object.entries(parsed.extraMetadata ?? {}).flatMap(([key, value]) => (value === null ? [] : [[key, value]])),
    ),
  };
}

/** The JSON body of a commit on version 6. */
export function formatCommitMetadata(commit: CommitMetadata): Uint8Array {
  const partitions: Record<string, unknown[]> = {};
  for (const stats of commit.writeStats) (partitions[stats.partitionPath] ??= []).push(fullStat(stats));
  const body = {
    partitionToWriteStats: partitions,
    compacted: false,
    extraMetadata: Object.fromEntries(commit.extra),
    operationType: commit.operationType,
    ...(commit.replaced.size > 0 ? { partitionToReplaceFileIds: Object.fromEntries(commit.replaced) } : {}),
  };
  return Buffer.from(JSON.stringify(body, null, 2));
}

/** Every field that releases 0.14 and 0.15 write; readers that build file statuses from stats rely on path and size. */
const fullStat = (stats: WriteStat) => ({
  fileId: stats.fileId,
  path: stats.path,
  cdcStats: null,
  prevCommit: stats.prevCommit,
  numWrites: stats.numWrites,
  numDeletes: stats.numDeletes,
  numUpdateWrites: stats.numUpdateWrites,
  numInserts: stats.numInserts,
  totalWriteBytes: stats.fileSizeInBytes,
  totalWriteErrors: 0,
  tempPath: null,
  partitionPath: stats.partitionPath,
  totalLogRecords: 0,
  totalLogFilesCompacted: 0,
  totalLogSizeCompacted: 0,
  totalUpdatedRecordsCompacted: 0,
  totalLogBlocks: 0,
  totalCorruptLogBlock: 0,
  totalRollbackBlocks: 0,
  fileSizeInBytes: stats.fileSizeInBytes,
  minEventTime: stats.minEventTime,
  maxEventTime: stats.maxEventTime,
  runtimeStats: null,
});

/** The body of a commit in flight: the skeleton without a workload profile. */
export const formatInflight = (operationType: string, extra: ReadonlyMap<string, string> = new Map()): Uint8Array =>
  formatCommitMetadata({ operationType, writeStats: [], replaced: new Map(), extra });
