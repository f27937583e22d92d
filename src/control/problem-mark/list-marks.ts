import { desc } from "drizzle-orm";
import { mayUseFeed, requireFeed, requireRole } from "../actor";
import type { ProblemMark } from "../../model/problem-mark";
import { withDatabase, type ControlContext } from "../context";
import { problemMark } from "../db/schema/problem-mark";
import { marksInForce, ofProblem, pastMarkOf, problemMarkOf, type MarkedProblem, type PastMark } from "./problem-mark";

const MOST_PAST = 200;

/** Those in force, of problems of feeds that the one who asks may read. @throws AppError control-unavailable */
export async function listMarks(ctx: ControlContext): Promise<ProblemMark[]> {
  requireRole(ctx, "viewer");
  const rows = await marksInForce(ctx, ctx.clock.now());
  return rows.filter(({ feed }) => mayUseFeed(ctx.actor, "read", feed)).map(problemMarkOf);
}

/**
 * What was ever said of one problem, the newest first.
 *
 * @throws AppError forbidden, bad-body, control-unavailable
 */
export async function listMarksOf(
  ctx: ControlContext,
  problem: Pick<MarkedProblem, "feed" | "id">,
): Promise<PastMark[]> {
  requireRole(ctx, "viewer");
  requireFeed(ctx, "read", problem.feed);
  const rows = await withDatabase(ctx, (db) =>
    db
      .select()
      .from(problemMark)
      .where(ofProblem(problem))
      .orderBy(desc(problemMark.createdAt), desc(problemMark.id))
      .limit(MOST_PAST),
  );
  const now = ctx.clock.now();
  return rows.map((row) => pastMarkOf(row, now));
}
