/** What machines sign in with. Rows stay when a token is revoked: the audit log names them. */
import { bigint, boolean, date, index, integer, jsonb, pgTable, text, timestamp } from "drizzle-orm/pg-core";
import type { FeedRights } from "../../actor";

const at = (name: string) => timestamp(name, { withTimezone: true, precision: 3 });

export const token = pgTable(
  "token",
  {
    /** Part of the token itself. */
    id: text().primaryKey(),
    name: text().notNull(),
    /** SHA-256 of its secret, base64url. */
    secretHash: text("secret_hash").notNull(),
    read: jsonb().$type<FeedRights["read"]>().notNull(),
    write: jsonb().$type<FeedRights["write"]>().notNull(),
    admin: boolean().notNull(),
    /** Null = no bound. */
    requestsPerSecond: integer("requests_per_second"),
    eventsPerSecond: integer("events_per_second"),
    eventsPerDay: bigint("events_per_day", { mode: "number" }),
    createdById: text("created_by_id").notNull(),
    createdByName: text("created_by_name").notNull(),
    createdAt: at("created_at").notNull(),
    /** Null = it does not end by itself. */
    expiresAt: at("expires_at"),
    revokedAt: at("revoked_at"),
  },
  (table) => [index("token_created").on(table.createdAt)],
);

/** How much a token was used: one row each, added to by every process about once a minute. */
export const tokenUsage = pgTable("token_usage", {
  tokenId: text("token_id")
    .primaryKey()
    .references(() => token.id, { onDelete: "cascade" }),
  lastUsedAt: at("last_used_at").notNull(),
  /** The day (UTC) that the counts are of. */
  day: date({ mode: "string" }).notNull(),
  requests: bigint({ mode: "number" }).notNull(),
  events: bigint({ mode: "number" }).notNull(),
});
