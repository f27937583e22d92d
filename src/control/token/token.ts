/** A token of a machine, as verbs and API give it, and whom it makes of its holder. */
import { eq, type InferSelectModel } from "drizzle-orm";
import { z } from "zod";
import { AppError } from "../../model/app-error";
import type { Feed } from "../../model/feed";
import type { Actor, FeedRights } from "../actor";
import { withDatabase, type ReadingContext } from "../context";
import { token, tokenUsage } from "../db/schema/token";
import { lineOfText } from "../input";
import type { Clock } from "../../clock";
import type { TxContext } from "../context";

export type TokenRow = InferSelectModel<typeof token>;
export type TokenUsageRow = InferSelectModel<typeof tokenUsage>;

export interface Token {
  id: string;
  name: string;
  state: "active" | "expired" | "revoked";
  read: FeedRights["read"];
  write: FeedRights["write"];
  admin: boolean;
  /** Null = no bound. */
  requestsPerSecond: number | null;
  eventsPerSecond: number | null;
  /** Of a day in UTC. */
  eventsPerDay: number | null;
  createdBy: { id: string; name: string };
  /** Epoch ms. */
  createdAt: number;
  expiresAt: number | null;
  revokedAt: number | null;
  /** About a minute behind. */
  lastUsedAt: number | null;
  today: { requests: number; events: number };
}

const DAY_MS = 86_400_000;
/** Nobody means a token to go for longer than this. */
const LONGEST_MS = 10 * 366 * DAY_MS;
const MAX_NAME = 120;
const MAX_FEEDS = 200;

const feedRights = z.union([z.literal("all"), z.array(z.string().max(200)).max(MAX_FEEDS)], {
  error: 'must be "all" or a list of feeds',
});
const bound = (max: number) =>
  z
    .int("must be a whole number, or null for no bound")
    .min(1, "must be at least 1, or null for no bound")
    .max(max, `must be at most ${max}`)
    .nullable();

export const tokenMembers = {
  name: lineOfText(MAX_NAME),
  read: feedRights,
  write: feedRights,
  admin: z.boolean(),
  requestsPerSecond: bound(1_000_000),
  eventsPerSecond: bound(1_000_000_000),
  eventsPerDay: bound(1_000_000_000_000),
  /** Epoch ms; null = it does not end by itself. */
  expiresAt: z.int("must be epoch milliseconds, or null").nullable(),
};

type Scopes = Pick<TokenRow, "read" | "write" | "admin">;

/** @throws AppError unknown-feed, bad-parameter when it would be good for nothing */
export function checkScopes({ read, write, admin }: Scopes, feeds: readonly Feed[]): void {
  for (const names of [read, write]) {
    if (names === "all") continue;
    const unknown = names.find((name) => !feeds.some((feed) => feed.name === name));
    if (unknown !== undefined) throw new AppError("unknown-feed", `There is no feed ${JSON.stringify(unknown)}.`);
  }
  if (admin || read.length > 0 || write.length > 0) return;
  throw new AppError("bad-parameter", "A token must be good for something: name feeds to write or to read, or admin.", {
    parameter: "write",
  });
}

/** @throws AppError bad-parameter */
export function checkExpiry(expiresAt: number | null, now: number): Date | null {
  if (expiresAt === null) return null;
  if (expiresAt > now && expiresAt <= now + LONGEST_MS) return new Date(expiresAt);
  throw new AppError("bad-parameter", `expiresAt: must lie between now and ten years from now (it is ${expiresAt}).`, {
    parameter: "expiresAt",
  });
}

/** The day of an instant as Postgres writes it, UTC. */
export const dayOf = (ms: number): string => new Date(ms).toISOString().slice(0, 10);

export const actorIdOf = (tokenId: string): string => `token:${tokenId}`;

/**
 * Whom its holder is. Who may read a feed may look at pages as a viewer does; who may only write has no role at all.
 * An admin is bound by no feed.
 */
export function tokenActor({ id, name, read, write, admin }: Pick<TokenRow, "id" | "name"> & Scopes): Actor {
  return {
    kind: "token",
    id: actorIdOf(id),
    name,
    role: admin ? "admin" : read.length > 0 ? "viewer" : "none",
    feeds: admin ? { read: "all", write: "all" } : { read, write },
  };
}

const stateOf = ({ revokedAt, expiresAt }: TokenRow, now: number): Token["state"] =>
  revokedAt !== null ? "revoked" : expiresAt !== null && expiresAt.getTime() <= now ? "expired" : "active";

export function tokenOf(row: TokenRow, usage: TokenUsageRow | null, now: number): Token {
  const isToday = usage?.day === dayOf(now);
  const { secretHash: _never, createdById, createdByName, createdAt, expiresAt, revokedAt, ...rest } = row;
  return {
    ...rest,
    state: stateOf(row, now),
    createdBy: { id: createdById, name: createdByName },
    createdAt: createdAt.getTime(),
    expiresAt: expiresAt?.getTime() ?? null,
    revokedAt: revokedAt?.getTime() ?? null,
    lastUsedAt: usage?.lastUsedAt.getTime() ?? null,
    today: { requests: isToday ? usage.requests : 0, events: isToday ? usage.events : 0 },
  };
}

/** What the audit log keeps of a token: everything but its secret. */
export const auditedToken = ({ secretHash: _never, id: _named, ...row }: TokenRow) => ({
  ...row,
  createdAt: row.createdAt.toISOString(),
  expiresAt: row.expiresAt?.toISOString() ?? null,
  revokedAt: row.revokedAt?.toISOString() ?? null,
});

export const notFound = (id: string): AppError => new AppError("not-found", `There is no token ${JSON.stringify(id)}.`);

/** Held until the end of the transaction. @throws AppError not-found */
export async function lockToken({ tx }: TxContext, id: string): Promise<TokenRow> {
  const [row] = await tx.select().from(token).where(eq(token.id, id)).for("update");
  if (row) return row;
  throw notFound(id);
}

/** A token with how much it was used. @throws AppError not-found, control-unavailable */
export async function findToken(ctx: ReadingContext & { clock: Clock }, id: string): Promise<Token> {
  const found = await lookUpToken(ctx, id);
  if (found) return tokenOf(found.token, found.usage, ctx.clock.now());
  throw notFound(id);
}

/** @throws AppError control-unavailable */
export async function lookUpToken(ctx: ReadingContext, id: string) {
  const [row] = await withDatabase(ctx, (db) =>
    db
      .select({ token, usage: tokenUsage })
      .from(token)
      .leftJoin(tokenUsage, eq(tokenUsage.tokenId, token.id))
      .where(eq(token.id, id)),
  );
  return row ?? null;
}
