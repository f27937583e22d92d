/**
 * How good the data of a batch is: what publishers measured (`qualityScore`), else how much of what a stage took it also
 * handed on. The worst stage decides, because a batch is as good as the worst that was done to it. Pure.
 */
import type { Attempt, Count } from "./attempt";
import { compareText } from "./value";

export interface StageQuality {
  /** 0 to 1. */
  value: number;
  /** `score` = a publisher measured it; `counts` = processed against source records. */
  basis: "score" | "counts";
}

export interface Quality extends StageQuality {
  pipelineName: string;
  stageName: string;
}

/** Null while nothing is known: no score, and no counts or work that is not done. */
export function stageQuality({ quality, rowsIn, rowsOut, status }: Attempt): StageQuality | null {
  if (quality !== null) return { value: quality, basis: "score" };
  const share = status === "COMPLETED" ? kept(rowsIn, rowsOut) : null;
  return share === null ? null : { value: Math.min(1, share), basis: "counts" };
}

/** Records out per record in, null where a count is missing or nothing came in. More than 1 where a stage makes records. */
export function kept(rowsIn: Count | null, rowsOut: Count | null): number | null {
  if (rowsIn === null || rowsOut === null) return null;
  const [source, processed] = [Number(rowsIn), Number(rowsOut)];
  return source > 0 && processed >= 0 ? processed / source : null;
}

/**
 * The worst stage of a batch. Where anything was measured, counts are not asked: a filter drops records on purpose.
 *
 * @param lasts the last attempt of each stage, in any order
 */
export function qualityOf(lasts: Iterable<Attempt>): Quality | null {
  let worst: Quality | null = null;
  for (const attempt of lasts) {
    const own = stageQuality(attempt);
    if (own === null) continue;
    const { value, basis } = own;
    const quality = { value, basis, pipelineName: attempt.pipelineName, stageName: attempt.stageName };
    if (worst === null || compareQuality(quality, worst) < 0) worst = quality;
  }
  return worst;
}

const compareQuality = (a: Quality, b: Quality): number =>
  (a.basis === b.basis ? 0 : a.basis === "score" ? -1 : 1) ||
  a.value - b.value ||
  compareText(a.pipelineName, b.pipelineName) ||
  compareText(a.stageName, b.stageName);
