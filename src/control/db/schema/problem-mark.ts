/**
 * Acknowledgements and mutes of problems. A problem is a row of a view, named by its id; what it was called is kept beside it,
 * because it may have left the view when somebody looks. One of each kind is in force at most: the newest that has not ended.
 */
import { sql } from "drizzle-orm";
import { index, pgTable, text, timestamp, uniqueIndex } from "drizzle-orm/pg-core";

export const problemMark = pgTable(
  "problem_mark",
  {
    id: text().primaryKey(),
    kind: text({ enum: ["acknowledgement", "mute"] }).notNull(),
    feed: text().notNull(),
    problemId: text("problem_id").notNull(),
    pipelineName: text("pipeline_name").notNull(),
    stageName: text("stage_name").notNull(),
    error: text().notNull(),
    reason: text().notNull(),
    authorId: text("author_id").notNull(),
    authorName: text("author_name").notNull(),
    /** When the newest failure that its author could know of happened, by the clock of the events. */
    seenAt: timestamp("seen_at", { withTimezone: true, precision: 3 }).notNull(),
    createdAt: timestamp("created_at", { withTimezone: true, precision: 3 }).notNull(),
    expiresAt: timestamp("expires_at", { withTimezone: true, precision: 3 }).notNull(),
    /** When it was ended before it expired; null = it was not. */
    endedAt: timestamp("ended_at", { withTimezone: true, precision: 3 }),
    endedBecause: text("ended_because", { enum: ["withdrawn", "replaced", "failed-anew"] }),
  },
  (table) => [
    uniqueIndex("problem_mark_in_force")
      .on(table.feed, table.problemId, table.kind)
      .where(sql`${table.endedAt} IS NULL`),
    index("problem_mark_problem").on(table.feed, table.problemId, table.createdAt),
  ],
);
