/**
 * What people say about a problem, and for how long it holds. Pure, so that the server and an open page agree.
 *
 * An acknowledgement says that somebody is on it; a mute, that it does not count for now. Both end at their expiry. An
 * acknowledgement is about the failures that its author could know of: when the stage has completed after them and the problem
 * fails again, it has ended, because nobody has looked at that. A mute outlasts a recovery.
 */
export const MARK_KINDS = ["acknowledgement", "mute"] as const;
export type MarkKind = (typeof MARK_KINDS)[number];

export interface ProblemMark {
  id: string;
  kind: MarkKind;
  feed: string;
  problemId: string;
  reason: string;
  by: string;
  /** When the newest failure known to its author happened, by the clock of the events, epoch ms. */
  seenAt: number;
  createdAt: number;
  expiresAt: number;
}

/** Of one problem, what is in force. */
export type MarksOfProblem<M> = Record<MarkKind, M | null>;

/**
 * Whether the stage recovered after what the acknowledgement was about, and the problem failed anew.
 *
 * @param lastSeen the newest failure of the problem
 * @param completions when attempts of its stage completed, ascending
 */
export function hasFailedAnew(seenAt: number, lastSeen: number, completions: readonly number[]): boolean {
  return lastSeen > seenAt && completions.some((at) => at > seenAt && at < lastSeen);
}

/** The marks in force at `now`, by problem. */
export function marksByProblem<M extends Pick<ProblemMark, "kind" | "problemId" | "expiresAt">>(
  marks: Iterable<M>,
  now: number,
): Map<string, MarksOfProblem<M>> {
  const found = new Map<string, MarksOfProblem<M>>();
  for (const mark of marks) {
    if (mark.expiresAt <= now) continue;
    const own = found.get(mark.problemId) ?? { acknowledgement: null, mute: null };
    own[mark.kind] = mark;
    found.set(mark.problemId, own);
  }
  return found;
}

/** When the next of them ends by its expiry; null when none will. */
export const nextExpiry = (marks: Iterable<Pick<ProblemMark, "expiresAt">>, now: number): number | null => {
  const ends = [...marks].map(({ expiresAt }) => expiresAt).filter((at) => at > now);
  return ends.length === 0 ? null : Math.min(...ends);
};
