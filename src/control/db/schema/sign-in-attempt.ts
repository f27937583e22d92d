/**
 * How often somebody has tried to sign in, for all processes together. Nothing that is older than an hour counts; it is cleared
 * away with the next attempt.
 */
import { index, integer, pgTable, text, timestamp } from "drizzle-orm/pg-core";

const at = (name: string) => timestamp(name, { withTimezone: true, precision: 3 }).notNull();

export const signInAttempt = pgTable(
  "sign_in_attempt",
  {
    /** SHA-256 of the address that asks or of the account that is named: somebody may have typed a password there. */
    key: text().primaryKey(),
    count: integer().notNull(),
    lastAt: at("last_at"),
    /** Not before. */
    nextAt: at("next_at"),
  },
  (table) => [index("sign_in_attempt_last").on(table.lastAt)],
);
