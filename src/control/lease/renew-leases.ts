import { and, eq, or, sql } from "drizzle-orm";
import { lease } from "../db/schema/lease";
import { fromNow, type Held, type Holder, type LeaseDb } from "./lease";

export interface RenewLeasesInput {
  lakeId: string;
  holder: Holder;
  held: readonly Held[];
  lifetimeMs: number;
}

/** Prolongs what is still held. A lease that has ended is not prolonged, even if nobody took it. @returns the feeds */
export async function renewLeases(
  db: LeaseDb,
  { lakeId, holder, held, lifetimeMs }: RenewLeasesInput,
): Promise<string[]> {
  if (held.length === 0) return [];
  const renewed = await db
    .update(lease)
    .set({ expiresAt: fromNow(lifetimeMs), address: holder.address })
    .where(
      and(
        eq(lease.lakeId, lakeId),
        eq(lease.holderId, holder.id),
        sql`${lease.expiresAt} > now()`,
        or(...held.map(({ feed, fence }) => and(eq(lease.feed, feed), eq(lease.fence, fence)))),
      ),
    )
    .returning({ feed: lease.feed });
  return renewed.map(({ feed }) => feed);
}
