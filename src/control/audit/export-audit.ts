import { requireRole } from "../actor";
import { withDatabase, type ControlContext } from "../context";
import { parseInput } from "../input";
import { auditEntryOf, auditFilter, auditRows, type AuditEntryRead, type AuditPlace } from "./audit-query";

const PIECE = 1_000;

/**
 * Everything that the filter finds, newest first, in pieces: whoever reads slowly holds no connection of the database.
 *
 * @throws AppError forbidden, bad-parameter, bad-body, control-unavailable, before the first piece or later
 */
export async function* exportAudit(ctx: ControlContext, input: unknown): AsyncGenerator<AuditEntryRead[]> {
  requireRole(ctx, "admin");
  const filter = parseInput(auditFilter, input);
  const pieceAfter = (place: AuditPlace | null) =>
    withDatabase(ctx, async (db) => (await auditRows(db, filter, place, PIECE)).map(auditEntryOf));
  let entries = await pieceAfter(null);
  while (entries.length > 0) {
    yield entries;
    if (entries.length < PIECE) return;
    entries = await pieceAfter(entries.at(-1)!);
  }
}
