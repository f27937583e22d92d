import { eq } from "drizzle-orm";
import { z } from "zod";
import { AppError } from "../../model/app-error";
import { requireRole } from "../actor";
import { audit } from "../audit/audit";
import { withTransaction, type ControlContext } from "../context";
import { token } from "../db/schema/token";
import { idText, parseInput } from "../input";
import {
  actorIdOf,
  auditedToken,
  checkExpiry,
  checkScopes,
  findToken,
  lockToken,
  tokenMembers,
  type Token,
  type TokenRow,
} from "./token";

export const updateTokenInput = z.strictObject(tokenMembers).partial();

/**
 * Changes the members that are named. It goes on with the same secret.
 *
 * @throws AppError forbidden, not-found, bad-parameter, bad-body, unknown-feed, conflict when it is revoked,
 *   control-unavailable
 */
export async function updateToken(ctx: ControlContext, id: unknown, input: unknown): Promise<Token> {
  requireRole(ctx, "admin");
  const tokenId = parseInput(idText, id);
  const { expiresAt, ...changes } = parseInput(updateTokenInput, input);
  const ends = expiresAt === undefined ? undefined : checkExpiry(expiresAt, ctx.clock.now());
  const answer = await withTransaction(ctx, async (tx, inside) => {
    const before = await lockToken(inside, tokenId);
    if (before.revokedAt !== null)
      throw new AppError("conflict", `The token ${JSON.stringify(before.name)} is revoked: make another.`);
    const after = { ...before, ...definedOf(changes), ...(ends !== undefined && { expiresAt: ends }) } as TokenRow;
    checkScopes(after, ctx.feeds);
    await tx.update(token).set(after).where(eq(token.id, tokenId));
    await audit(inside, {
      action: "token.update",
      entityId: tokenId,
      before: auditedToken(before),
      after: auditedToken(after),
    });
    return findToken(inside, tokenId);
  });
  ctx.rights.announce({ actorId: actorIdOf(tokenId), sessionId: null });
  return answer;
}

/** A member that is present and undefined would take a value away. */
const definedOf = (given: object): object =>
  Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
