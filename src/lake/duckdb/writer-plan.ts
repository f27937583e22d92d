/** Which files a commit writes: the log's in order of arrival, the state's by what its groups lose and gain. Pure. */
import type { FileSlice, HudiTable } from "../hudi/table";
import type { OpenGroup, StatePlan } from "./merge";
import { shareRows } from "./merge";

export interface FilePlan {
  partition: string;
  fileId: string;
  previous: FileSlice | null;
  /** Arrivals of rows that are new to the group. */
  inserts: readonly number[];
  /** Arrivals of rows that replace one of the group. */
  updates: readonly number[];
  /** Keys of those, and keys whose rows move to another partition. */
  replaced: readonly string[];
  left: readonly string[];
}

export interface PlanContext {
  table: HudiTable;
  /** The group that takes a partition's new rows, or null. */
  open(partition: string): OpenGroup | null;
  newFileId(): string;
  /** Rows at which a group takes no more. */
  groupRows: number;
}

const NO_CHANGES = { updates: [], replaced: [], left: [] } as const;

/** Rows of a log go to the end of their partition's open group, in order. */
export function planAppend(context: PlanContext, rowsOf: ReadonlyMap<string, readonly number[]>): FilePlan[] {
  return [...rowsOf].flatMap(([partition, rows]) =>
    spread(context, partition, rows).map((share) => ({ ...share, ...NO_CHANGES })),
  );
}

export function planUpsert(context: PlanContext, state: StatePlan): FilePlan[] {
  const files = new Map<string, FilePlan>();
  for (const [id, { partition, fileId, updated, replaced, left }] of state.changes) {
    const previous = newestSlice(context.table, partition, fileId);
    files.set(id, { partition, fileId, previous, inserts: [], updates: updated, replaced, left });
  }
  for (const [partition, rows] of state.inserts) {
    for (const share of spread(context, partition, rows)) {
      const id = `${partition}/${share.fileId}`;
      const rewritten = files.get(id) ?? { ...share, ...NO_CHANGES };
      files.set(id, { ...rewritten, inserts: share.inserts });
    }
  }
  return [...files.values()];
}

function spread(context: PlanContext, partition: string, rows: readonly number[]) {
  let start = 0;
  return shareRows(context.open(partition), rows.length, context.groupRows).map(({ fileId, count }) => {
    const inserts = rows.slice(start, (start += count));
    if (fileId === null) return { partition, fileId: context.newFileId(), previous: null, inserts };
    return { partition, fileId, previous: newestSlice(context.table, partition, fileId), inserts };
  });
}

function newestSlice(table: HudiTable, partition: string, fileId: string): FileSlice {
  const slice = table.newestSlice(partition, fileId);
  if (slice === null) throw new Error(`File group ${fileId} of ${table.folder}/${partition} has no slice.`);
  return slice;
}
