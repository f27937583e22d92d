import { sql } from "drizzle-orm";
import { lease } from "../db/schema/lease";
import { fromNow, type Held, type Holder, type LeaseDb } from "./lease";

export interface TakeLeasesInput {
  lakeId: string;
  holder: Holder;
  /** With the greatest fencing number that the feed's tables carry: a database that was restored has forgotten some. */
  feeds: readonly { feed: string; seenFence: number }[];
  lifetimeMs: number;
}

/** Takes the leases that are free, have ended or are the holder's own. @returns those, with new fencing numbers */
export async function takeLeases(db: LeaseDb, { lakeId, holder, feeds, lifetimeMs }: TakeLeasesInput): Promise<Held[]> {
  if (feeds.length === 0) return [];
  const { id: holderId, host, pid, address } = holder;
  // In one order, so that two who take several at once do not wait for each other.
  const inOrder = [...feeds].sort((a, b) => (a.feed < b.feed ? -1 : 1));
  const times = { takenAt: sql`now()`, expiresAt: fromNow(lifetimeMs) };
  return db
    .insert(lease)
    .values(
      inOrder.map(({ feed, seenFence }) => ({
        ...{ lakeId, feed, holderId, host, pid, address, fence: seenFence + 1 },
        ...times,
      })),
    )
    .onConflictDoUpdate({
      target: [lease.lakeId, lease.feed],
      set: { holderId, host, pid, address, ...times, fence: sql`greatest(${lease.fence} + 1, excluded.fence)` },
      setWhere: sql`${lease.expiresAt} <= now() OR ${lease.holderId} = excluded.holder_id`,
    })
    .returning({ feed: lease.feed, fence: lease.fence });
}
