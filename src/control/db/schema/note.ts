/** What people write down about a problem, or about the instant of a feed. */
import { index, pgTable, text, timestamp } from "drizzle-orm/pg-core";

export const note = pgTable(
  "note",
  {
    id: text().primaryKey(),
    about: text({ enum: ["problem", "instant"] }).notNull(),
    feed: text().notNull(),
    /** Id of the problem, or the 17 digits of the instant. */
    ref: text().notNull(),
    text: text().notNull(),
    authorId: text("author_id").notNull(),
    authorName: text("author_name").notNull(),
    createdAt: timestamp("created_at", { withTimezone: true, precision: 3 }).notNull(),
  },
  (table) => [index("note_about").on(table.feed, table.about, table.ref, table.createdAt)],
);
