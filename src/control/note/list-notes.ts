import { and, asc, eq } from "drizzle-orm";
import { requireFeed, requireRole } from "../actor";
import { withDatabase, type ControlContext } from "../context";
import { note } from "../db/schema/note";
import { idText, parseInput } from "../input";
import { noteOf, type Note, type NoteSubject } from "./note";

/** About one problem or instant, the oldest first. @throws AppError forbidden, bad-body, control-unavailable */
export async function listNotes(ctx: ControlContext, subject: NoteSubject): Promise<Note[]> {
  requireRole(ctx, "viewer");
  requireFeed(ctx, "read", subject.feed);
  const rows = await withDatabase(ctx, (db) =>
    db.select().from(note).where(ofSubject(subject)).orderBy(asc(note.createdAt), asc(note.id)),
  );
  return rows.map(noteOf);
}

/** What it is about comes from an address. @throws AppError bad-body */
export const ofSubject = ({ about, feed, ref }: NoteSubject) =>
  and(eq(note.feed, feed), eq(note.about, about), eq(note.ref, parseInput(idText, ref)));
