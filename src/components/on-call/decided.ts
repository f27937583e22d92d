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
    const [marks, owners] = await Promise.all([
      fetch("/api/v1/problem-marks", { signal }),
      fetch("/api/v1/pipeline-owners", { signal }),
    ]);
    if (!marks.ok || !owners.ok) return null;
    const [known, named] = (await Promise.all([marks.json(), owners.json()])) as [
      { marks: ShownMark[] },
      { owners: ShownOwner[] },
    ];
    return { marks: known.marks.map(shownMark), owners: named.owners.map(shownOwner) };
  } catch {
    // The stream tells of a broken link by itself, and this is asked again when it is back.
    return null;
  }
}
