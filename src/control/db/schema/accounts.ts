/**
 * People and how they sign in. `user`, `session`, `account` and `verification` have the columns that better-auth reads and
 * writes (its names are the properties here); the rest of `user`, rights and invitations are ours.
 */
import { sql } from "drizzle-orm";
import { boolean, index, jsonb, pgTable, text, timestamp, uniqueIndex } from "drizzle-orm/pg-core";
import { ROLES } from "../../actor";

const at = (name: string) => timestamp(name, { withTimezone: true, precision: 3 });

export const user = pgTable("user", {
  id: text().primaryKey(),
  name: text().notNull(),
  /** In lower case. */
  email: text().notNull().unique("user_email"),
  emailVerified: boolean("email_verified").notNull().default(false),
  image: text(),
  createdAt: at("created_at").notNull().defaultNow(),
  updatedAt: at("updated_at").notNull().defaultNow(),
  role: text({ enum: ROLES }).notNull().default("viewer"),
  /** Since when they may not sign in; null while they may. */
  disabledAt: at("disabled_at"),
});

export const session = pgTable(
  "session",
  {
    id: text().primaryKey(),
    /** Worth nothing without the signature that only the cookie has. */
    token: text().notNull().unique("session_token"),
    userId: text("user_id")
      .notNull()
      .references(() => user.id, { onDelete: "cascade" }),
    expiresAt: at("expires_at").notNull(),
    createdAt: at("created_at").notNull().defaultNow(),
    updatedAt: at("updated_at").notNull().defaultNow(),
    ipAddress: text("ip_address"),
    userAgent: text("user_agent"),
  },
  (table) => [index("session_user").on(table.userId)],
);

/** One row per way in: a password (`credential`), single sign-on (`oidc`), an identity-aware proxy (`proxy`). */
export const account = pgTable(
  "account",
  {
    id: text().primaryKey(),
    /** How the provider calls them. */
    accountId: text("account_id").notNull(),
    providerId: text("provider_id").notNull(),
    userId: text("user_id")
      .notNull()
      .references(() => user.id, { onDelete: "cascade" }),
    accessToken: text("access_token"),
    refreshToken: text("refresh_token"),
    idToken: text("id_token"),
    accessTokenExpiresAt: at("access_token_expires_at"),
    refreshTokenExpiresAt: at("refresh_token_expires_at"),
    scope: text(),
    /** Hashed by better-auth (scrypt). */
    password: text(),
    createdAt: at("created_at").notNull().defaultNow(),
    updatedAt: at("updated_at").notNull().defaultNow(),
  },
  (table) => [
    uniqueIndex("account_of_provider").on(table.providerId, table.accountId),
    index("account_user").on(table.userId),
  ],
);

/** What better-auth remembers between two steps of a sign-in. */
export const verification = pgTable(
  "verification",
  {
    id: text().primaryKey(),
    identifier: text().notNull(),
    value: text().notNull(),
    expiresAt: at("expires_at").notNull(),
    createdAt: at("created_at").notNull().defaultNow(),
    updatedAt: at("updated_at").notNull().defaultNow(),
  },
  (table) => [index("verification_identifier").on(table.identifier)],
);

/** Which feeds a person may read and write. Without a row, and where a column is null: all. */
export const feedRights = pgTable("feed_rights", {
  userId: text("user_id")
    .primaryKey()
    .references(() => user.id, { onDelete: "cascade" }),
  read: jsonb().$type<readonly string[]>(),
  write: jsonb().$type<readonly string[]>(),
});

/** An account that waits for its person. */
export const invitation = pgTable(
  "invitation",
  {
    id: text().primaryKey(),
    /** In lower case. */
    email: text().notNull(),
    role: text({ enum: ROLES }).notNull(),
    read: jsonb().$type<readonly string[]>(),
    write: jsonb().$type<readonly string[]>(),
    /** SHA-256 of what the link carries. */
    tokenHash: text("token_hash").notNull().unique("invitation_token"),
    invitedById: text("invited_by_id").notNull(),
    invitedByName: text("invited_by_name").notNull(),
    createdAt: at("created_at").notNull(),
    expiresAt: at("expires_at").notNull(),
    acceptedAt: at("accepted_at"),
  },
  (table) => [
    uniqueIndex("invitation_open")
      .on(table.email)
      .where(sql`${table.acceptedAt} IS NULL`),
  ],
);
