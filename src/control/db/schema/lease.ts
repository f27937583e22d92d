/**
 * Who writes a feed of a lake, of the processes that share it. A row stays when its lease has ended, so that the fencing number
 * goes on growing. Times are the database's.
 */
import { bigint, integer, pgTable, primaryKey, text, timestamp } from "drizzle-orm/pg-core";

export const lease = pgTable(
  "lease",
  {
    /** Identity of the lake, which lies in the lake: its folder has other names on other machines. */
    lakeId: text("lake_id").notNull(),
    feed: text().notNull(),
    /** One start of one process. */
    holderId: text("holder_id").notNull(),
    host: text().notNull(),
    pid: integer().notNull(),
    /** Where it serves, once it does. */
    address: text(),
    /** Grows with each taking. */
    fence: bigint({ mode: "number" }).notNull(),
    takenAt: timestamp("taken_at", { withTimezone: true, precision: 3 }).notNull(),
    expiresAt: timestamp("expires_at", { withTimezone: true, precision: 3 }).notNull(),
  },
  (table) => [primaryKey({ columns: [table.lakeId, table.feed] })],
);
