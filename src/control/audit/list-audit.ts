import { z } from "zod";
import { requireRole } from "../actor";
import { withDatabase, type ControlContext } from "../context";
import { parseInput } from "../input";
import { auditEntryOf, auditFilter, auditRows, parsePlace, placeText, type AuditEntryRead } from "./audit-query";

const MAX_PAGE = 500;

export const listAuditInput = auditFilter.extend({
  limit: z.coerce
    .number()
    .int("must be a whole number")
    .min(1, "must be at least 1")
    .max(MAX_PAGE, `must be at most ${MAX_PAGE}`)
    .default(100),
  /** The `next` of the page before. */
  after: z.string().max(80).optional(),
});

export interface AuditPage {
  entries: AuditEntryRead[];
  next: string | null;
}

/**
 * What was done, newest first. Pages follow each other by place, so that what is added meanwhile moves none of them.
 *
 * @throws AppError forbidden, bad-parameter, bad-body, control-unavailable
 */
export async function listAudit(ctx: ControlContext, input: unknown): Promise<AuditPage> {
  requireRole(ctx, "admin");
  const { limit, after, ...filter } = parseInput(listAuditInput, input);
  const place = after === undefined ? null : parsePlace(after);
  const rows = await withDatabase(ctx, (db) => auditRows(db, filter, place, limit + 1));
  const entries = rows.slice(0, limit).map(auditEntryOf);
  const last = rows.length > limit ? entries.at(-1) : undefined;
  return { entries, next: last ? placeText(last) : null };
}
