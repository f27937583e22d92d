/** When a table is cleaned and its timeline shortened. Bounded steps; nothing but look-ups in memory when there is nothing to do. */
import { instantAt, type Instant } from "../../model/instant";
import { archivable, archive, forgetDrops } from "../hudi/archive";
import { partitionEnd } from "../hudi/expiry";
import { finishCleans, runClean, supersededSlices } from "../hudi/clean";
import type { FileSlice, HudiTable } from "../hudi/table";

export interface MaintenanceRules {
  /** Epoch ms. */
  now: number;
  /** Positions this old, in ms of commit time, still read by file slices. */
  retainMs: number;
  nextInstant(): Instant;
  /** Waited for before partitions are dropped: nobody may be reading their files. */
  beforeDrop(): Promise<void>;
  /** Superseded slices may take this much, `MAX_SUPERSEDED_BYTES` unless told. */
  maxSupersededBytes?: number;
  /** Whole partitions of a log, which nobody reads any more when they are older than this, go; null = kept for ever. */
  partitionsOlderThanMs: number | null;
  /** No version that is kept was committed before; null when none is. */
  oldestVersion(): Instant | null;
}

/** Superseded slices may take this much; beyond it positions are let go earlier, because the log can answer for them. */
const MAX_SUPERSEDED_BYTES = 256 * 2 ** 20;
/** A clean is an action of three files: it waits until it is worth that, or until the feed is idle. */
const MIN_SLICES = 30;
const MAX_SLICES = 2_000;
const MIN_ARCHIVED = 20;
const MAX_ARCHIVED = 1_000;

/** @returns partitions that are gone */
export async function maintainTable(table: HudiTable, rules: MaintenanceRules): Promise<Set<string>> {
  const earliest = earliestToRetain(table, rules);
  if (earliest === null) return new Set();
  const finished = await finishCleans(table, rules.beforeDrop);
  const superseded = supersededSlices(table, earliest, MAX_SLICES);
  const expired = expiredPartitions(table, rules);
  const partitions = [...expired, ...emptiedPartitions(table, superseded)];
  if (partitions.length > 0) await rules.beforeDrop();
  const isIdle = earliest === table.head;
  const gone = new Set(finished);
  if (partitions.length > 0 || superseded.length >= MIN_SLICES || (isIdle && superseded.length > 0)) {
    const inGone = new Set(expired);
    const slices = superseded.filter(({ partition }) => !inGone.has(partition));
    const plan = { earliestToRetain: earliest, slices, partitions };
    for (const partition of await runClean(table, plan, rules.nextInstant())) gone.add(partition);
  }
  const old = archivable(table, earliest);
  if (old.length >= MIN_ARCHIVED) await archive(table, old.slice(0, MAX_ARCHIVED));
  await forgetDrops(table, rules.oldestVersion());
  await removeWorkFolders(table);
  return gone;
}

/** Partitions whose rows left, and whose last files go now: without files there is nothing to look into. */
function emptiedPartitions(table: HudiTable, superseded: readonly FileSlice[]): string[] {
  const going = new Set(superseded.map(({ path }) => path));
  const emptied = new Set(superseded.flatMap((slice) => (table.replacedAt(slice) === null ? [] : [slice.partition])));
  for (const { partition, path } of table.allSlices()) if (!going.has(path)) emptied.delete(partition);
  return [...emptied];
}

/** Markers that a fault kept a completed commit from removing. Those of other instants may belong to a living writer. */
async function removeWorkFolders(table: HudiTable): Promise<void> {
  const folder = `${table.folder}/.hoodie/.temp`;
  const completed = new Set(table.completedWrites().map(({ instant }) => instant));
  for (const { name, isFolder } of await table.storage.list(folder)) {
    if (isFolder && completed.has(name)) await table.storage.removeFolder(`${folder}/${name}`);
  }
}

/** The newest commit at or before `now - retainMs`, so that this moment itself can still be read; later when bytes press. */
export function earliestToRetain(
  table: HudiTable,
  { now, retainMs, maxSupersededBytes }: Pick<MaintenanceRules, "now" | "retainMs" | "maxSupersededBytes">,
): Instant | null {
  const writes = table.completedWrites();
  const cutoff = instantAt(now - retainMs);
  const byTime = writes.findLast(({ instant }) => instant <= cutoff)?.instant ?? writes[0]?.instant ?? null;
  const byBytes = instantByBytes(table, maxSupersededBytes ?? MAX_SUPERSEDED_BYTES);
  return byTime !== null && byBytes !== null && byBytes > byTime ? byBytes : byTime;
}

/** The oldest instant whose later superseded slices fit the bound; null when all do. */
function instantByBytes(table: HudiTable, maxBytes: number): Instant | null {
  const newest = new Set(table.slices().map(({ path }) => path));
  const superseded: FileSlice[] = table.allSlices().filter(({ path }) => !newest.has(path));
  let bytes = superseded.reduce((sum, slice) => sum + slice.bytes, 0);
  if (bytes <= maxBytes) return null;
  superseded.sort((a, b) => (a.instant < b.instant ? -1 : 1));
  for (const slice of superseded) {
    bytes -= slice.bytes;
    if (bytes > maxBytes) continue;
    // A slice goes once its successor is at or before the earliest instant.
    return table.completedWrites().find(({ instant }) => instant > slice.instant)?.instant ?? null;
  }
  return null;
}

/** Partitions of a day or hour, `commit_date=2026-11-21` or `event_hour=2026-11-21-09`, that ended longer ago than allowed. */
function expiredPartitions(table: HudiTable, { now, partitionsOlderThanMs }: MaintenanceRules): string[] {
  if (partitionsOlderThanMs === null) return [];
  return [...table.partitions].filter((partition) => {
    const end = partitionEnd(partition);
    return end !== null && end < now - partitionsOlderThanMs;
  });
}
