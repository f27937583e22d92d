/**
 * What a commit does to the state, decided over keys, orders and places only. Pure: the rows themselves stay in DuckDB.
 */
import { keyOf, type Feed } from "../../model/feed";
import { compareLongs, sameValue, type Row, type WireValue } from "../../model/value";

/** The messages without repetitions: of those equal in every field, the first to arrive. Rows are canonical. */
export function distinctRows(feed: Feed, rows: readonly Row[]): Row[] {
  const byKey = new Map<string, Row[]>();
  return rows.filter((row) => {
    const known = byKey.get(keyOf(feed, row));
    if (known === undefined) byKey.set(keyOf(feed, row), [row]);
    else if (known.some((other) => sameValue(other, row))) return false;
    else known.push(row);
    return true;
  });
}

/** A version that the log takes. */
export interface Incoming {
  /** Arrival: its place in the commit. */
  n: number;
  key: string;
  ordering: WireValue;
  rank: number;
  /** Partition path of the state table that it belongs to. */
  partition: string;
}

/** A row that the state holds for a key. */
export interface Stored {
  ordering: WireValue;
  rank: number;
  partition: string;
  /** File id of its group. */
  fileId: string;
}

export interface GroupChange {
  partition: string;
  fileId: string;
  /** Keys whose rows are replaced in this same file, and the arrivals of what takes their place. */
  replaced: string[];
  updated: number[];
  /** Keys whose rows move to another partition. */
  left: string[];
}

export interface StatePlan {
  /** Arrivals of the versions that are now the state of their key, in order of arrival. */
  winners: number[];
  /** Groups that are rewritten, by `<partition>/<fileId>`. */
  changes: Map<string, GroupChange>;
  /** Arrivals that go into a partition's open group. */
  inserts: Map<string, number[]>;
}

/** Order by (ordering value, rank); zero leaves it to arrival. */
export const compareOrder = (a: Pick<Incoming, "ordering" | "rank">, b: Pick<Incoming, "ordering" | "rank">): number =>
  compareLongs(a.ordering, b.ordering) || a.rank - b.rank;

/**
 * Per key the greatest version by (ordering value, rank, arrival) among the incoming and the stored. A stored row arrived
 * before every incoming one, so it keeps its place only against smaller ones.
 *
 * @param incoming in order of arrival
 * @param stored all rows of the state with one of the incoming keys
 */
export function planState(incoming: readonly Incoming[], stored: ReadonlyMap<string, readonly Stored[]>): StatePlan {
  const best = new Map<string, Incoming>();
  for (const version of incoming) {
    const rival = best.get(version.key);
    if (rival === undefined || compareOrder(version, rival) >= 0) best.set(version.key, version);
  }
  const plan: StatePlan = { winners: [], changes: new Map(), inserts: new Map() };
  for (const version of best.values()) {
    const rows = stored.get(version.key) ?? [];
    if (rows.every((row) => compareOrder(version, row) >= 0)) place(plan, version, rows);
  }
  plan.winners.sort((a, b) => a - b);
  for (const arrivals of plan.inserts.values()) arrivals.sort((a, b) => a - b);
  return plan;
}

/** A winner replaces the row of its key where that lies, if it stays in the partition; every other row of the key goes. */
function place(plan: StatePlan, version: Incoming, rows: readonly Stored[]): void {
  plan.winners.push(version.n);
  let placed = false;
  for (const row of rows) {
    const id = `${row.partition}/${row.fileId}`;
    let change = plan.changes.get(id);
    if (change === undefined) {
      change = { partition: row.partition, fileId: row.fileId, replaced: [], updated: [], left: [] };
      plan.changes.set(id, change);
    }
    if (placed || row.partition !== version.partition) change.left.push(version.key);
    else {
      change.replaced.push(version.key);
      change.updated.push(version.n);
      placed = true;
    }
  }
  if (placed) return;
  const inserts = plan.inserts.get(version.partition);
  if (inserts) inserts.push(version.n);
  else plan.inserts.set(version.partition, [version.n]);
}

/** A group that still takes rows. */
export interface OpenGroup {
  fileId: string;
  rows: number;
}

/** Rows at which a group takes no more. Rewriting this many takes about 20 ms; a commit's cost follows it. */
export const GROUP_ROWS = 8_000;
/** A group may end this much above the bound rather than open another file for a few rows. */
const TOLERANCE = 1.5;

/** How new rows are spread: into the open group (`fileId` set) and into new ones, in order. */
export interface Share {
  fileId: string | null;
  count: number;
}

/**
 * Spreads `count` rows over the open group and new groups, so that files are of about `groupRows` rows and little is
 * rewritten: an open group that is more than half full is left behind when the rows need another file anyway.
 */
export function shareRows(open: OpenGroup | null, count: number, groupRows = GROUP_ROWS): Share[] {
  if (open !== null && open.rows + count <= groupRows * TOLERANCE) return [{ fileId: open.fileId, count }];
  const shares: Share[] = [];
  let left = count;
  if (open !== null && open.rows < groupRows / 2) {
    const fill = groupRows - open.rows;
    shares.push({ fileId: open.fileId, count: fill });
    left -= fill;
  }
  while (left > 0) {
    const next = left <= groupRows * TOLERANCE ? left : groupRows;
    shares.push({ fileId: null, count: next });
    left -= next;
  }
  return shares;
}
