/** Notes as verbs and API give them. */
import type { InferSelectModel } from "drizzle-orm";
import { z } from "zod";
import type { note } from "../db/schema/note";
import { idText, linesOfText } from "../input";

export const noteInput = z.strictObject({ text: linesOfText(4_000) });

/** What a note is about. */
export interface NoteSubject {
  about: "problem" | "instant";
  feed: string;
  /** Id of the problem, or the 17 digits of the instant. */
  ref: string;
}

export interface Note extends NoteSubject {
  id: string;
  text: string;
  author: { id: string; name: string };
  createdAt: number;
}

export const noteOf = (row: InferSelectModel<typeof note>): Note => ({
  id: row.id,
  about: row.about,
  feed: row.feed,
  ref: row.ref,
  text: row.text,
  author: { id: row.authorId, name: row.authorName },
  createdAt: row.createdAt.getTime(),
});

export const auditedNote = ({ about, feed, ref, text }: Note) => ({ about, feed, ref, text });

export const noteId = idText;
