/** What of the audit log is asked for, and its rows as verbs and API give them. */
import { and, desc, eq, gte, lt, or, sql, type InferSelectModel, type SQL } from "drizzle-orm";
import { z } from "zod";
import { AppError } from "../../model/app-error";
import type { ControlDb, Tx } from "../db/database";
import { auditLog } from "../db/schema/audit-log";

export interface AuditEntryRead {
  id: string;
  /** Epoch ms. */
  at: number;
  actor: { kind: string; id: string; name: string };
  action: string;
  entity: string;
  entityId: string;
  ip: string | null;
  requestId: string | null;
  before: unknown;
  after: unknown;
}

/** What Postgres and ISO 8601 write the same way. */
const LAST_MS = Date.parse("9999-12-31T23:59:59.999Z");
const word = z
  .string()
  .max(200)
  .regex(/^\P{Cc}*$/u, "must not have control characters");
const ms = z.coerce
  .number("must be epoch milliseconds")
  .int("must be epoch milliseconds")
  .min(0)
  .max(LAST_MS, "must lie before the year 10000");

export const auditFilter = z.strictObject({
  /** Part of the name, or the whole id, of who did it. */
  who: word.optional(),
  /** `entity.verb`, or its beginning up to a point. */
  action: word.optional(),
  entity: word.optional(),
  entityId: word.optional(),
  /** Part of anything that the row says, in any case of letters. */
  q: word.optional(),
  from: ms.optional(),
  /** Before this. */
  to: ms.optional(),
});
export type AuditFilter = z.output<typeof auditFilter>;

/** Text of others in a pattern: `%` and `_` are what they are. */
const partOf = (text: string): string => `%${text.replace(/[\\%_]/g, "\\$&")}%`;

export function conditionsOf({ who, action, entity, entityId, q, from, to }: AuditFilter): SQL | undefined {
  const all = auditLog;
  return and(
    who ? or(eq(all.actorId, who), sql`${all.actorName} ILIKE ${partOf(who)}`) : undefined,
    action ? or(eq(all.action, action), sql`starts_with(${all.action}, ${`${action}.`})`) : undefined,
    entity ? eq(all.entity, entity) : undefined,
    entityId ? eq(all.entityId, entityId) : undefined,
    from === undefined ? undefined : gte(all.at, new Date(from)),
    to === undefined ? undefined : lt(all.at, new Date(to)),
    q
      ? sql`concat_ws(' ', ${all.actorName}, ${all.action}, ${all.entityId}, ${all.ip}, ${all.requestId}, ${all.before}::text, ${all.after}::text) ILIKE ${partOf(q)}`
      : undefined,
  );
}

/** Where a page ends: rows of one moment are told apart by their ids. */
export interface AuditPlace {
  at: number;
  id: string;
}

export const placeText = ({ at, id }: AuditPlace): string => `${at}_${id}`;

/** @throws AppError bad-parameter */
export function parsePlace(text: string): AuditPlace {
  const [, at, id] = /^(\d{1,16})_(\d{1,18})$/.exec(text) ?? [];
  if (at !== undefined && id !== undefined && Number(at) <= LAST_MS) return { at: Number(at), id };
  throw new AppError(
    "bad-parameter",
    `after: must be the next of the page before (it is ${JSON.stringify(text.slice(0, 80))}).`,
    { parameter: "after" },
  );
}

/** Newest first. */
export function auditRows(db: ControlDb | Tx, filter: AuditFilter, after: AuditPlace | null, limit: number) {
  const beyond = after
    ? sql`(${auditLog.at}, ${auditLog.id}) < (${new Date(after.at).toISOString()}::timestamptz, ${after.id}::bigint)`
    : undefined;
  return db
    .select()
    .from(auditLog)
    .where(and(conditionsOf(filter), beyond))
    .orderBy(desc(auditLog.at), desc(auditLog.id))
    .limit(limit);
}

export const auditEntryOf = (row: InferSelectModel<typeof auditLog>): AuditEntryRead => ({
  id: String(row.id),
  at: row.at.getTime(),
  actor: { kind: row.actorKind, id: row.actorId, name: row.actorName },
  action: row.action,
  entity: row.entity,
  entityId: row.entityId,
  ip: row.ip,
  requestId: row.requestId,
  before: row.before,
  after: row.after,
});
