/**
 * Undoes commits that were begun and never completed. Nothing of a commit may stay behind: a leftover file becomes visible
 * to every reader once all commits before it are archived.
 */
import { AppError } from "../../model/app-error";
import type { Instant } from "../../model/instant";
import { parseBaseFile } from "./base-file";
import { formatInflight } from "./commit-metadata";
import { completionPath } from "./fence";
import type { HudiTable } from "./table";
import { actionFiles, isPending, type TimelineInstant } from "./timeline";

/** A writer that shares the table touches this file; older than this one of unknown interval is dead (Hudi: 60 s and two misses). */
const SILENT_MS = 120_000;
const MARKER = /^(.+\.parquet)\.marker\.(?:CREATE|MERGE|APPEND)$/;

/**
 * To be asked once what is dead was rolled back, by whoever is about to write what a commit under way may be writing too.
 *
 * @throws AppError engine-unavailable while a pending commit has a living writer
 */
export function assertNoneUnderWay(folder: string, instants: readonly TimelineInstant[]): void {
  const living = instants.find(isPending);
  if (living === undefined) return;
  throw new AppError(
    "engine-unavailable",
    `Spark may still be at work on commit ${living.instant} of ${folder}: it is waited for, until it is done or gives no sign of life.`,
  );
}

/**
 * Rolls back every pending commit that no living writer holds, as far as can be told: one that is only requested after so long is
 * taken for dead, and fails if it is not.
 *
 * @param nowMs the machine's time, against which heartbeat files are aged
 * @param expiresMs how old the heartbeat of a dead writer is, where its interval is known
 * @returns the instants that are gone, oldest first
 */
export async function rollBackPending(
  table: HudiTable,
  nowMs: number,
  expiresMs: number = SILENT_MS,
): Promise<Instant[]> {
  const gone: Instant[] = [];
  for (const pending of table.instants.filter(isPending)) {
    const touched = await lastSignOfLife(table, pending);
    if (touched !== null && nowMs - touched < expiresMs) continue;
    if (await rollBack(table, pending)) gone.push(pending.instant);
  }
  return gone;
}

/**
 * Epoch ms; null when there is none. The heartbeat of a commit that was only requested says nothing: Hudi goes on with it when the
 * source could not be read. Such a commit has no files yet, and its writer, should it live, fails when the request is gone.
 */
async function lastSignOfLife(table: HudiTable, { instant, action, state }: TimelineInstant): Promise<number | null> {
  const { storage, folder } = table;
  const heartbeat = await storage.stat(`${folder}/.hoodie/.heartbeat/${instant}`);
  if (heartbeat === null || state !== "REQUESTED") return heartbeat?.modifiedAt ?? null;
  const request = await storage.stat(table.timelinePath(actionFiles(instant, action).requested));
  return request?.modifiedAt ?? null;
}

/**
 * Order: inflight, what would become the completed file, data files, requested, markers; what stops in between is found again
 * by what is still there. A writer that was stopped and wakes now cannot complete the commit from the second step on: if it
 * did so before, the commit stands.
 *
 * @returns false when it was completed
 */
async function rollBack(table: HudiTable, pending: TimelineInstant): Promise<boolean> {
  const { storage, folder } = table;
  const { instant } = pending;
  const work = `${folder}/.hoodie/.temp/${instant}`;
  const names = actionFiles(instant, pending.action);
  await storage.remove(table.timelinePath(names.inflight));
  await storage.remove(completionPath(folder, instant));
  if ((await storage.stat(table.timelinePath(names.completed))) !== null) {
    await storage.putIfAbsent(table.timelinePath(names.inflight), formatInflight("UNKNOWN"));
    await table.refresh();
    return false;
  }
  const files = new Set([...(await filesOfMarkers(table, work, "")), ...(await filesOfInstant(table, instant))]);
  for (const path of files) await storage.remove(`${folder}/${path}`);
  await storage.remove(table.timelinePath(names.requested));
  await storage.removeFolder(work);
  await storage.remove(`${folder}/.hoodie/.heartbeat/${instant}`);
  table.forgetInstants(new Set([`${instant}.${pending.action}`]));
  return true;
}

/** Paths, relative to the table, of the files that markers announce. */
async function filesOfMarkers(table: HudiTable, work: string, partition: string): Promise<string[]> {
  const found: string[] = [];
  for (const { name, isFolder } of await table.storage.list(`${work}/${partition}`)) {
    const path = partition === "" ? name : `${partition}/${name}`;
    if (isFolder) {
      if (!name.startsWith(".")) found.push(...(await filesOfMarkers(table, work, path)));
      continue;
    }
    const file = MARKER.exec(path)?.[1];
    if (file !== undefined) found.push(file);
  }
  return found;
}

/** The same by name alone, for files whose marker is lost. */
async function filesOfInstant(table: HudiTable, instant: Instant): Promise<string[]> {
  const found: string[] = [];
  for (const partition of table.partitions) {
    for (const { name } of await table.storage.list(`${table.folder}/${partition}`)) {
      if (parseBaseFile(name)?.instant === instant) found.push(`${partition}/${name}`);
    }
  }
  return found;
}
