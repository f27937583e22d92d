/**
 * Shortens a timeline, without keeping what it drops: the log table is our memory. Old files stay readable, because a slice
 * older than every completed write of the active timeline counts as committed.
 */
import type { Instant } from "../../model/instant";
import { archivedDropPath } from "./drops";
import type { HudiTable } from "./table";
import { actionFiles, isWrite, type TimelineInstant } from "./timeline";

/** Completed writes that stay in any case, for other engines' readers. */
const MIN_WRITES = 20;

/**
 * The oldest actions that may go: completed, before `earliest` and before everything pending, never a savepoint, a restore
 * (it is part of the epoch) or a replacecommit whose replaced files are still there.
 */
export function archivable(table: HudiTable, earliest: Instant): TimelineInstant[] {
  const writes = table.completedWrites();
  const keepFrom = writes.at(-MIN_WRITES)?.instant ?? "";
  const pending = table.instants.find(({ state }) => state !== "COMPLETED")?.instant;
  const lastClean = table.instants.findLast(({ action, state }) => action === "clean" && state === "COMPLETED");
  const bound = [earliest, keepFrom, ...(pending === undefined ? [] : [pending])].sort()[0]!;
  const replacing = new Set(table.allSlices().flatMap((slice) => table.replacedAt(slice) ?? []));
  const held = new Set(table.instants.flatMap(({ action, instant }) => (action === "savepoint" ? [instant] : [])));
  const found: TimelineInstant[] = [];
  for (const action of table.instants) {
    if (action.instant >= bound) break;
    if (held.has(action.instant) || replacing.has(action.instant)) break; // oldest first, without holes
    if (action === lastClean || !(isWrite(action) || action.action === "clean" || action.action === "rollback"))
      continue;
    found.push(action);
  }
  return found;
}

/**
 * Per action: requested and inflight before the completed file, so that it never looks pending again. A drop is laid aside
 * first, because the log does not tell of it.
 */
export async function archive(table: HudiTable, actions: readonly TimelineInstant[]): Promise<void> {
  const drops = new Set(table.drops.map(({ instant }) => instant));
  for (const { instant, action } of actions) {
    const files = actionFiles(instant, action);
    if (action === "replacecommit" && drops.has(instant)) {
      const body = await table.storage.read(table.timelinePath(files.completed));
      await table.storage.write(archivedDropPath(table.folder, instant), body);
    }
    for (const name of [files.requested, files.inflight, files.completed]) {
      await table.storage.remove(table.timelinePath(name));
    }
    table.forgetInstants(new Set([`${instant}.${action}`]));
  }
}

/** Lets go of the drops laid aside that lie before `oldest`: no version that is kept was committed before them. */
export async function forgetDrops(table: HudiTable, oldest: Instant | null): Promise<void> {
  const onTimeline = new Set(table.completedWrites().map(({ instant }) => instant));
  const gone = table.drops.flatMap(({ instant }) =>
    !onTimeline.has(instant) && (oldest === null || instant < oldest) ? [instant] : [],
  );
  for (const instant of gone) await table.storage.remove(archivedDropPath(table.folder, instant));
  table.forgetDrops(new Set(gone));
}
