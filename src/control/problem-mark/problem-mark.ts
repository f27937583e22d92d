/** Acknowledgements and mutes as verbs and API give them. What they mean and when they end: `src/model/problem-mark.ts`. */
import { and, desc, eq, gt, isNull } from "drizzle-orm";
import type { InferSelectModel } from "drizzle-orm";
import { z } from "zod";
import type { MarkKind, ProblemMark } from "../../model/problem-mark";
import { withKept, type ControlContext, type TxContext } from "../context";
import { problemMark } from "../db/schema/problem-mark";
import { idText, lineOfText, parseInput } from "../input";

export type ProblemMarkRow = InferSelectModel<typeof problemMark>;

/** The problem that is spoken of, as its view has it. */
export interface MarkedProblem {
  feed: string;
  id: string;
  pipelineName: string;
  stageName: string;
  error: string;
  lastSeen: number;
}

/** Longer nobody is "on it"; what should be silent for longer is to be mended, or not to be sent. */
export const LONGEST_MARK_MS = 30 * 86_400_000;

export const problemMarkInput = z.strictObject({
  reason: lineOfText(500),
  /** Epoch ms. */
  expiresAt: z.number("must be a time in epoch milliseconds").int("must be whole milliseconds"),
});

/** With how it ended; `endedAt` is the expiry once that has passed. */
export interface PastMark extends ProblemMark {
  pipelineName: string;
  stageName: string;
  error: string;
  endedAt: number | null;
  endedBecause: "withdrawn" | "replaced" | "failed-anew" | "expired" | null;
}

export const problemMarkOf = (row: ProblemMarkRow): ProblemMark => ({
  id: row.id,
  kind: row.kind,
  feed: row.feed,
  problemId: row.problemId,
  reason: row.reason,
  by: row.authorName,
  seenAt: row.seenAt.getTime(),
  createdAt: row.createdAt.getTime(),
  expiresAt: row.expiresAt.getTime(),
});

export function pastMarkOf(row: ProblemMarkRow, now: number): PastMark {
  const { pipelineName, stageName, error } = row;
  const isExpired = row.endedAt === null && row.expiresAt.getTime() <= now;
  return {
    ...problemMarkOf(row),
    pipelineName,
    stageName,
    error,
    endedAt: isExpired ? row.expiresAt.getTime() : (row.endedAt?.getTime() ?? null),
    endedBecause: isExpired ? "expired" : row.endedBecause,
  };
}

/** What the audit log keeps of a mark. */
export const auditedMark = (row: ProblemMarkRow) => {
  const { kind, problemId, feed, pipelineName, stageName, reason } = row;
  return { kind, problemId, feed, pipelineName, stageName, reason, expiresAt: row.expiresAt.getTime() };
};

/** Of one problem, whose id comes from an address. @throws AppError bad-body */
export const ofProblem = ({ feed, id }: Pick<MarkedProblem, "feed" | "id">) =>
  and(eq(problemMark.feed, feed), eq(problemMark.problemId, parseInput(idText, id)));

/** The one that nobody has ended, held until the end of the transaction; it may have expired. @throws AppError bad-body */
export async function openMark(
  { tx }: TxContext,
  problem: Pick<MarkedProblem, "feed" | "id">,
  kind: MarkKind,
): Promise<ProblemMarkRow | null> {
  const [row] = await tx
    .select()
    .from(problemMark)
    .where(and(ofProblem(problem), eq(problemMark.kind, kind), isNull(problemMark.endedAt)))
    .for("update");
  return row ?? null;
}

const MOST_LISTED = 1_000;

/** Those in force at `now`, of all problems, the newest first. Rights are the caller's to look at. */
export async function marksInForce(ctx: ControlContext, now: number): Promise<ProblemMarkRow[]> {
  const open = await withKept(ctx, "problem marks", (db) =>
    db
      .select()
      .from(problemMark)
      .where(and(isNull(problemMark.endedAt), gt(problemMark.expiresAt, new Date(now))))
      .orderBy(desc(problemMark.createdAt), desc(problemMark.id))
      .limit(MOST_LISTED),
  );
  return open.filter(({ expiresAt }) => expiresAt.getTime() > now);
}
