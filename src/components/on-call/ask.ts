/** What the page asks for when it follows: rows of its derived views, at the position where it stands. */
import type { Position } from "~/model/position";
import type { RecentRun } from "~/model/pipeline";
import type { Problem } from "~/model/problem";
import type { Topic } from "~/model/view";

/** As many as a call gives. */
const MOST = 1_000_000;

async function askRows<T>(
  topic: Topic,
  query: readonly (readonly [string, string])[],
  signal: AbortSignal,
): Promise<T[] | null> {
  const params = new URLSearchParams([["limit", String(MOST)], ...query.map(([name, value]) => [name, value])]); // prettier-ignore
  try {
    const answer = await fetch(`/api/v1/${topic}/rows?${params.toString()}`, { signal });
    return answer.ok ? ((await answer.json()) as { rows: T[] }).rows : null;
  } catch {
    // The stream tells of a broken link by itself; whoever asks decides when to ask again.
    return null;
  }
}

/**
 * Unrecovered problems as they are now, which may be a moment ahead of the frames: those bring the same once more. Null when
 * they cannot be had.
 */
export const askProblems = (topic: Topic, signal: AbortSignal): Promise<Problem[] | null> =>
  askRows(topic, [["state", "failing"], ["state", "retrying"]], signal); // prettier-ignore

/** Runs by the name of their pipeline, at a position or now; none when they cannot be had: the strips stay empty until their next change. */
export async function askRuns(
  topic: Topic,
  at: Position | null,
  names: readonly string[],
  signal: AbortSignal,
): Promise<(readonly [string, readonly RecentRun[]])[]> {
  const ofTime = at === null ? [] : [["at", at] as const];
  const query = [...ofTime, ...names.map((name) => ["pipelineName", name] as const)];
  const rows = await askRows<{ pipelineName: string; recent: RecentRun[] }>(topic, query, signal);
  return (rows ?? []).map(({ pipelineName, recent }) => [pipelineName, recent]);
}
