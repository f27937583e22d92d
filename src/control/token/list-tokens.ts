import { asc, desc, eq, sql } from "drizzle-orm";
import { requireRole } from "../actor";
import { withDatabase, type ControlContext } from "../context";
import { token, tokenUsage } from "../db/schema/token";
import { tokenOf, type Token } from "./token";

/** Of those that were revoked the oldest are left out; the audit log has them all. */
const MAX_LISTED = 1_000;

/**
 * Those that are good for something first, then by the time of their making, newest first.
 *
 * @throws AppError forbidden, control-unavailable
 */
export async function listTokens(ctx: ControlContext): Promise<Token[]> {
  requireRole(ctx, "admin");
  const rows = await withDatabase(ctx, (db) =>
    db
      .select({ token, usage: tokenUsage })
      .from(token)
      .leftJoin(tokenUsage, eq(tokenUsage.tokenId, token.id))
      .orderBy(asc(sql`${token.revokedAt} IS NOT NULL`), desc(token.createdAt), asc(token.id))
      .limit(MAX_LISTED),
  );
  const now = ctx.clock.now();
  return rows.map((row) => tokenOf(row.token, row.usage, now));
}
