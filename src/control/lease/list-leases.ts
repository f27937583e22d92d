import { asc, eq, sql } from "drizzle-orm";
import { lease } from "../db/schema/lease";
import type { Lease, LeaseDb } from "./lease";

/** Every lease of a lake that there ever was, by feed: who has it, or had it last. */
export async function listLeases(db: LeaseDb, { lakeId }: { lakeId: string }): Promise<Lease[]> {
  const rows = await db
    .select({
      feed: lease.feed,
      fence: lease.fence,
      id: lease.holderId,
      host: lease.host,
      pid: lease.pid,
      address: lease.address,
      takenAt: lease.takenAt,
      leftMs: sql<number>`(extract(epoch FROM ${lease.expiresAt} - now()) * 1000)::float8`,
    })
    .from(lease)
    .where(eq(lease.lakeId, lakeId))
    .orderBy(asc(lease.feed));
  return rows.map(({ feed, fence, takenAt, leftMs, ...holder }) => ({
    ...{ feed, fence, holder, leftMs },
    takenAt: takenAt.getTime(),
  }));
}
