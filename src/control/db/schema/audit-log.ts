/** Who did what, when and from where. Rows are added and never changed: a trigger of the database refuses the rest. */
import { bigint, index, jsonb, pgTable, text, timestamp } from "drizzle-orm/pg-core";

export const auditLog = pgTable(
  "audit_log",
  {
    id: bigint({ mode: "number" }).primaryKey().generatedAlwaysAsIdentity(),
    at: timestamp({ withTimezone: true, precision: 3 }).notNull(),
    actorKind: text("actor_kind").notNull(),
    actorId: text("actor_id").notNull(),
    actorName: text("actor_name").notNull(),
    /** `entity.verb`, such as `saved-view.create`. */
    action: text().notNull(),
    entity: text().notNull(),
    entityId: text("entity_id").notNull(),
    /** Address of the one who asked; null for the program itself. */
    ip: text(),
    requestId: text("request_id"),
    /** Null before it was made. */
    before: jsonb(),
    /** Null once it is deleted. */
    after: jsonb(),
  },
  (table) => [
    index("audit_log_at").on(table.at, table.id),
    index("audit_log_entity").on(table.entity, table.entityId),
    index("audit_log_actor").on(table.actorId, table.at),
  ],
);
