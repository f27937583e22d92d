import { and, eq, sql } from "drizzle-orm";
import { lease } from "../db/schema/lease";
import type { Holder, LeaseDb } from "./lease";

/** Ends every lease of a holder now, so that others need not wait for their end. */
export async function releaseLeases(db: LeaseDb, input: { lakeId: string; holder: Holder }): Promise<void> {
  const { lakeId, holder } = input;
  await db
    .update(lease)
    .set({ expiresAt: sql`now()` })
    .where(and(eq(lease.lakeId, lakeId), eq(lease.holderId, holder.id), sql`${lease.expiresAt} > now()`));
}
