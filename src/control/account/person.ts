/** People as verbs and API give them, and what is the same of every verb about them. */
import { and, count, eq, gt, isNull, type InferSelectModel } from "drizzle-orm";
import { z } from "zod";
import { AppError } from "../../model/app-error";
import type { FeedRights, Role } from "../actor";
import type { ControlContext, ReadingContext, TxContext } from "../context";
import { withDatabase } from "../context";
import { account, feedRights, session, user } from "../db/schema/accounts";
import { feedRightsOf } from "./rights-of";

export type UserRow = InferSelectModel<typeof user>;

export interface Person {
  id: string;
  email: string;
  name: string;
  role: Role;
  /** As they apply: viewers write to no feed, admins are bound by nothing. */
  feeds: FeedRights;
  isDisabled: boolean;
  /** How they sign in. */
  ways: readonly ("password" | "oidc" | "proxy")[];
  /** How many of their sessions are open. */
  sessions: number;
  /** Epoch ms. */
  createdAt: number;
}

const WAYS = { credential: "password", oidc: "oidc", proxy: "proxy" } as const;

/** In lower case: addresses that differ in that alone are one person's. */
export const emailText = z
  .string("must be an e-mail address")
  .trim()
  .toLowerCase()
  .max(254, "must have at most 254 characters")
  .pipe(z.email("must be an e-mail address"));

export const feedList = z.union([z.literal("all"), z.array(z.string().max(200)).max(1_000)], {
  error: 'must be "all" or a list of feeds',
});

/** @throws AppError unknown-feed */
export function requireKnownFeeds({ feeds }: ControlContext, ...lists: FeedRights["read"][]): void {
  const known = feeds.map(({ name }) => name);
  for (const name of lists.flatMap((list) => (list === "all" ? [] : list)))
    if (!known.includes(name))
      throw new AppError("unknown-feed", `There is no feed ${JSON.stringify(name)}: there are ${known.join(", ")}.`);
}

/** How a list of feeds is kept. */
export const rowOfList = (list: FeedRights["read"]): readonly string[] | null => (list === "all" ? null : list);

/** Some of them, or one. @throws AppError control-unavailable */
export async function findPeople(ctx: ReadingContext & { now: number }, id?: string): Promise<Person[]> {
  const isOne = id === undefined ? undefined : eq(user.id, id);
  const { users, accounts, sessions } = await withDatabase(ctx, async (db) => ({
    users: await db
      .select({ user, rights: feedRights })
      .from(user)
      .leftJoin(feedRights, eq(feedRights.userId, user.id))
      .where(isOne)
      .orderBy(user.email)
      .limit(MOST_PEOPLE),
    accounts: await db
      .select({ userId: account.userId, providerId: account.providerId })
      .from(account)
      .where(id === undefined ? undefined : eq(account.userId, id)),
    sessions: await db
      .select({ userId: session.userId, n: count() })
      .from(session)
      .where(and(gt(session.expiresAt, new Date(ctx.now)), id === undefined ? undefined : eq(session.userId, id)))
      .groupBy(session.userId),
  }));
  return users.map(({ user: row, rights }) => ({
    id: row.id,
    email: row.email,
    name: row.name,
    role: row.role,
    feeds: feedRightsOf(row.role, rights),
    isDisabled: row.disabledAt !== null,
    ways: accounts
      .filter(({ userId }) => userId === row.id)
      .flatMap(({ providerId }) => WAYS[providerId as keyof typeof WAYS] ?? []),
    sessions: sessions.find(({ userId }) => userId === row.id)?.n ?? 0,
    createdAt: row.createdAt.getTime(),
  }));
}

/** More people than a team has; a list that is cut says so by its length. */
export const MOST_PEOPLE = 5_000;

/** Held until the end of the transaction. @throws AppError not-found */
export async function lockUser({ tx }: TxContext, id: string): Promise<UserRow> {
  const [row] = await tx.select().from(user).where(eq(user.id, id)).for("update");
  if (row) return row;
  throw new AppError("not-found", `There is no user ${JSON.stringify(id)}.`);
}

/**
 * Something is somebody's only if there is somebody: the one who asks (who may have no account, as on an open loopback server),
 * or an account that may sign in. Held as it is until the end of the transaction.
 *
 * @throws AppError bad-parameter
 */
export async function requireOwnerToBe({ tx, actor }: TxContext, ownerId: string): Promise<void> {
  if (ownerId === actor.id) return;
  const [row] = await tx.select().from(user).where(eq(user.id, ownerId)).for("share");
  if (row?.disabledAt === null) return;
  const why = row
    ? `the account of ${row.name} is disabled: enable it, name somebody else, or send null`
    : "there is no account with this id: GET /api/v1/users lists them (for admins), GET /api/v1/account tells your own; " +
      "send null for none, and call a team by its name in owner";
  throw new AppError("bad-parameter", `ownerId: ${why} (it is ${JSON.stringify(ownerId)}).`, { parameter: "ownerId" });
}

/** Before somebody stops being an admin. @throws AppError conflict */
export async function requireAnotherAdmin({ tx }: TxContext, id: string): Promise<void> {
  const admins = await tx
    .select({ id: user.id })
    .from(user)
    .where(and(eq(user.role, "admin"), isNull(user.disabledAt)))
    .for("update");
  if (admins.some((admin) => admin.id !== id)) return;
  throw new AppError("conflict", "This is the last admin: make somebody else an admin first.");
}

/** What the audit log keeps of somebody. */
export const auditedUser = ({ email, name, role, disabledAt }: UserRow) => ({
  email,
  name,
  role,
  isDisabled: disabledAt !== null,
});
