import { and, eq } from "drizzle-orm";
import { AppError } from "../../model/app-error";
import { requireFeed, requireRole } from "../actor";
import { audit } from "../audit/audit";
import { withTransaction, type ControlContext } from "../context";
import { note } from "../db/schema/note";
import { parseInput } from "../input";
import { ofSubject } from "./list-notes";
import { auditedNote, noteId, noteOf, type NoteSubject } from "./note";

/** One's own; an admin those of others too. @throws AppError forbidden, not-found, bad-body, control-unavailable */
export async function deleteNote(ctx: ControlContext, subject: NoteSubject, id: unknown): Promise<void> {
  requireRole(ctx, "operator");
  requireFeed(ctx, "read", subject.feed);
  const wanted = parseInput(noteId, id);
  await withTransaction(ctx, async (tx, inside) => {
    const [row] = await tx
      .select()
      .from(note)
      .where(and(eq(note.id, wanted), ofSubject(subject)))
      .for("update");
    if (!row) throw new AppError("not-found", `There is no note ${JSON.stringify(wanted)} about it.`);
    if (row.authorId !== ctx.actor.id && ctx.actor.role !== "admin")
      throw new AppError("forbidden", `The note is ${row.authorName}'s: only its author or an admin deletes it.`);
    await tx.delete(note).where(eq(note.id, wanted));
    await audit(inside, { action: "note.delete", entityId: wanted, before: auditedNote(noteOf(row)), after: null });
  });
}
