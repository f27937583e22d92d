import { count, isNull } from "drizzle-orm";
import { z } from "zod";
import { AppError } from "../../model/app-error";
import { requireRole } from "../actor";
import { audit } from "../audit/audit";
import { withTransaction, type ControlContext } from "../context";
import { token } from "../db/schema/token";
import { parseInput } from "../input";
import { hashOf, newToken } from "./secret";
import { auditedToken, checkExpiry, checkScopes, tokenMembers, tokenOf, type Token, type TokenRow } from "./token";

const MAX_TOKENS = 500;
const A_YEAR_MS = 365 * 86_400_000;

const { name, read, write, admin, requestsPerSecond, eventsPerSecond, eventsPerDay, expiresAt } = tokenMembers;

export const createTokenInput = z.strictObject({
  name,
  read: read.default([]),
  write: write.default([]),
  admin: admin.default(false),
  requestsPerSecond: requestsPerSecond.default(null),
  eventsPerSecond: eventsPerSecond.default(null),
  eventsPerDay: eventsPerDay.default(null),
  /** A year from now unless told. */
  expiresAt: expiresAt.optional(),
});

/**
 * Makes a token for a machine.
 *
 * @returns with its text, which is kept nowhere: this is the only time that it is told
 * @throws AppError forbidden, bad-parameter, bad-body, unknown-feed, conflict when there are too many, control-unavailable
 */
export async function createToken(ctx: ControlContext, input: unknown): Promise<Token & { token: string }> {
  requireRole(ctx, "admin");
  const given = parseInput(createTokenInput, input);
  checkScopes(given, ctx.feeds);
  const now = ctx.clock.now();
  const { id, secret, text } = newToken(ctx.newId());
  const row: TokenRow = {
    ...given,
    id,
    secretHash: hashOf(secret),
    createdById: ctx.actor.id,
    createdByName: ctx.actor.name,
    createdAt: new Date(now),
    expiresAt: checkExpiry(given.expiresAt === undefined ? now + A_YEAR_MS : given.expiresAt, now),
    revokedAt: null,
  };
  await withTransaction(ctx, async (tx, inside) => {
    const [active] = await tx.select({ n: count() }).from(token).where(isNull(token.revokedAt));
    if (active!.n >= MAX_TOKENS)
      throw new AppError("conflict", `There are ${MAX_TOKENS} tokens, which is the most: revoke one first.`);
    await tx.insert(token).values(row);
    await audit(inside, { action: "token.create", entityId: id, before: null, after: auditedToken(row) });
  });
  return { ...tokenOf(row, null, now), token: text };
}
