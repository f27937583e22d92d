/** What people decided about the problems that a page shows, and asking for it again. */
import type { ProblemMark } from "~/model/problem-mark";
import { shownOwner, type ShownOwner } from "../owner/owner-links";

export type ShownMark = Pick<ProblemMark, "kind" | "problemId" | "reason" | "by" | "expiresAt">;

export const shownMark = ({ kind, problemId, reason, by, expiresAt }: ShownMark): ShownMark => ({
  kind,
  problemId,
  reason,
  by,
  expiresAt,
});

/** @returns null when it cannot be had; what the page shows then stays */
export async function askDecided(signal: AbortSignal): Promise<{ marks: ShownMark[]; owners: ShownOwner[] } | null> {
  try {
    const answer = await fetch("/api/v1/problem-marks", { signal });
    if (!answer.ok) return null;
    const { marks, owners } = (await answer.json()) as { marks: ShownMark[] | null; owners: ShownOwner[] | null };
    return marks && owners && { marks: marks.map(shownMark), owners: owners.map(shownOwner) };
  } catch {
    // The stream tells of a broken link by itself, and this is asked again when it is back.
    return null;
  }
}

/** What could not be had is asked for again after this long. */
export const ASK_AGAIN_MS = 5_000;
