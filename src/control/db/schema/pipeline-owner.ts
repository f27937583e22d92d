/** Who answers for a pipeline, and where people go from its failures. */
import { index, pgTable, text, timestamp } from "drizzle-orm/pg-core";

export const pipelineOwner = pgTable(
  "pipeline_owner",
  {
    pipelineName: text("pipeline_name").primaryKey(),
    /** A person or a team, as they want to be called. */
    ownerName: text("owner_name"),
    /** The person's id when it is somebody with an account: their pipelines are their view "mine". */
    ownerId: text("owner_id"),
    runbookUrl: text("runbook_url"),
    /** With placeholders, see `src/model/link-template.ts`. */
    logsTemplate: text("logs_template"),
    rerunTemplate: text("rerun_template"),
    updatedAt: timestamp("updated_at", { withTimezone: true, precision: 3 }).notNull(),
    updatedBy: text("updated_by").notNull(),
  },
  (table) => [index("pipeline_owner_owner").on(table.ownerId)],
);
