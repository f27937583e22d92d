/** What people decide and open pages hear of at once (docs/live-protocol.md, rule 37). */
export const NOTE_KINDS = ["mark", "problem-note", "instant-note", "owner", "grouping"] as const;
export type NoteKind = (typeof NOTE_KINDS)[number];

export interface NoteFrame {
  /** The view that shows what it is about. */
  topic: `feeds/${string}` | `views/${string}`;
  kind: NoteKind;
  /** Id of the problem (of `grouping`: that was merged or split), the instant, or the name of the pipeline. */
  ref: string;
}
