/**
 * How people group failures otherwise than the fingerprint does (`src/model/problem-rule.ts`). A rule names problems by id; what
 * they were called is kept beside it, because a merged problem is in no view any more.
 */
import { sql } from "drizzle-orm";
import { pgTable, text, timestamp, uniqueIndex } from "drizzle-orm/pg-core";

export const problemRule = pgTable(
  "problem_rule",
  {
    id: text().primaryKey(),
    kind: text({ enum: ["merge", "split"] }).notNull(),
    feed: text().notNull(),
    problemId: text("problem_id").notNull(),
    /** Of a merge: the problem that takes its failures. */
    intoId: text("into_id"),
    /** Of a split: what the error of a failure has in it, in lower case. */
    containing: text(),
    pipelineName: text("pipeline_name").notNull(),
    stageName: text("stage_name").notNull(),
    error: text().notNull(),
    authorId: text("author_id").notNull(),
    authorName: text("author_name").notNull(),
    createdAt: timestamp("created_at", { withTimezone: true, precision: 3 }).notNull(),
  },
  (table) => [
    uniqueIndex("problem_rule_merge")
      .on(table.feed, table.problemId)
      .where(sql`${table.kind} = 'merge'`),
    uniqueIndex("problem_rule_split")
      .on(table.feed, table.problemId, table.containing)
      .where(sql`${table.kind} = 'split'`),
  ],
);
