/**
 * Page states that people keep. Stars and defaults name a view by its id without a foreign key, because the views that come
 * with the program are in no table; whoever deletes a view deletes them with it.
 */
import { sql } from "drizzle-orm";
import { index, pgTable, primaryKey, text, timestamp, uniqueIndex } from "drizzle-orm/pg-core";

export const savedView = pgTable(
  "saved_view",
  {
    id: text().primaryKey(),
    ownerId: text("owner_id").notNull(),
    ownerName: text("owner_name").notNull(),
    name: text().notNull(),
    visibility: text({ enum: ["private", "shared"] }).notNull(),
    /** Path of the page, without query. */
    path: text().notNull(),
    /** Its query without the question mark. */
    search: text().notNull(),
    createdAt: timestamp("created_at", { withTimezone: true, precision: 3 }).notNull(),
    updatedAt: timestamp("updated_at", { withTimezone: true, precision: 3 }).notNull(),
  },
  (table) => [
    uniqueIndex("saved_view_private_name")
      .on(table.ownerId, sql`lower(${table.name})`)
      .where(sql`${table.visibility} = 'private'`),
    uniqueIndex("saved_view_shared_name")
      .on(sql`lower(${table.name})`)
      .where(sql`${table.visibility} = 'shared'`),
    index("saved_view_owner").on(table.ownerId),
  ],
);

export const savedViewStar = pgTable(
  "saved_view_star",
  { ownerId: text("owner_id").notNull(), viewId: text("view_id").notNull() },
  (table) => [primaryKey({ columns: [table.ownerId, table.viewId] }), index("saved_view_star_view").on(table.viewId)],
);

/** The view that opens when a person comes to a page without a query. */
export const savedViewDefault = pgTable(
  "saved_view_default",
  { ownerId: text("owner_id").notNull(), path: text().notNull(), viewId: text("view_id").notNull() },
  (table) => [primaryKey({ columns: [table.ownerId, table.path] }), index("saved_view_default_view").on(table.viewId)],
);
