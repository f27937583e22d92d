/** Dashboards that people arrange: the layout as JSON with the version of its shape in it. */
import { index, integer, jsonb, pgTable, text, timestamp } from "drizzle-orm/pg-core";

export const dashboardLayouts = pgTable(
  "dashboard_layouts",
  {
    id: text().primaryKey(),
    name: text().notNull(),
    ownerId: text("owner_id").notNull(),
    ownerName: text("owner_name").notNull(),
    /** `shared` = the team's. */
    visibility: text({ enum: ["private", "shared"] }).notNull(),
    layout: jsonb().$type<unknown>().notNull(),
    /** Counts changes, so that nobody overwrites what they have not seen. */
    revision: integer().notNull(),
    createdAt: timestamp("created_at", { withTimezone: true, precision: 3 }).notNull(),
    updatedAt: timestamp("updated_at", { withTimezone: true, precision: 3 }).notNull(),
    updatedById: text("updated_by_id").notNull(),
    updatedByName: text("updated_by_name").notNull(),
  },
  (table) => [
    index("dashboard_layouts_owner").on(table.ownerId),
    index("dashboard_layouts_visibility").on(table.visibility),
  ],
);
