import { count } from "drizzle-orm";
import { AppError } from "../../model/app-error";
import { requireFeed, requireRole } from "../actor";
import { audit } from "../audit/audit";
import { withTransaction, type ControlContext } from "../context";
import { note } from "../db/schema/note";
import { parseInput } from "../input";
import { ofSubject } from "./list-notes";
import { auditedNote, noteInput, noteOf, type Note, type NoteSubject } from "./note";

export const MOST_NOTES = 200;

/** @throws AppError forbidden, bad-parameter, bad-body, conflict when there are too many, control-unavailable */
export async function addNote(ctx: ControlContext, subject: NoteSubject, input: unknown): Promise<Note> {
  requireRole(ctx, "operator");
  requireFeed(ctx, "read", subject.feed);
  const { text } = parseInput(noteInput, input);
  const { id: authorId, name: authorName } = ctx.actor;
  const { about, feed, ref } = subject;
  const createdAt = new Date(ctx.clock.now());
  const row = { id: ctx.newId(), about, feed, ref, text, authorId, authorName, createdAt };
  const added = noteOf(row);
  await withTransaction(ctx, async (tx, inside) => {
    const [all] = await tx.select({ n: count() }).from(note).where(ofSubject(subject));
    if (all!.n >= MOST_NOTES)
      throw new AppError("conflict", `There are ${MOST_NOTES} notes about it, which is the most: delete one first.`);
    await tx.insert(note).values(row);
    await audit(inside, { action: "note.add", entityId: row.id, before: null, after: auditedNote(added) });
  });
  return added;
}
