/** How one person likes the pages. Absent columns are what the program does unless told. */
import { boolean, pgTable, text, timestamp } from "drizzle-orm/pg-core";

export const preference = pgTable("preference", {
  ownerId: text("owner_id").primaryKey(),
  theme: text(),
  zone: text(),
  density: text(),
  keys: boolean(),
  numbers: text(),
  updatedAt: timestamp("updated_at", { withTimezone: true, precision: 3 }).notNull(),
});
