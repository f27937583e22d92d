/**
 * The lease of a feed: of the processes that share a lake, the one that may write the feed's tables, for as long as the lease
 * lasts by the clock of the database. These verbs are the program's own, several times a minute: nobody's rights are asked and
 * nothing is audited. They are one statement each.
 */
import { sql, type SQL } from "drizzle-orm";
import type { ControlDb } from "../db/database";

export type LeaseDb = Pick<ControlDb, "insert" | "update" | "select">;

/** A process that takes leases. */
export interface Holder {
  /** Of one start of one process. */
  id: string;
  host: string;
  pid: number;
  /** Null until it listens. */
  address: string | null;
}

/** A lease that one holds, with the number that tells it from all earlier ones. */
export interface Held {
  feed: string;
  fence: number;
}

export interface Lease extends Held {
  holder: Holder;
  /** Of the database's clock, epoch ms. */
  takenAt: number;
  /** From the moment of the answer; 0 or less: it has ended, and anybody may take it. */
  leftMs: number;
}

export const fromNow = (ms: number): SQL => sql`now() + ${ms} * interval '1 millisecond'`;
