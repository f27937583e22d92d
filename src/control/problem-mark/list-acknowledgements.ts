import { and, asc, eq, gte } from "drizzle-orm";
import { z } from "zod";
import { requireFeed, requireRole } from "../actor";
import { withDatabase, type ControlContext } from "../context";
import { problemMark } from "../db/schema/problem-mark";
import { parseInput, publishedName } from "../input";

const MOST = 10_000;

/**
 * When problems of which pipelines were acknowledged, also those acknowledgements that have ended, the oldest first.
 *
 * @param since epoch ms
 * @throws AppError forbidden, bad-parameter, control-unavailable
 */
export async function listAcknowledgements(
  ctx: ControlContext,
  { feed: given, since }: { feed: string; since: number },
): Promise<{ pipelineName: string; at: number }[]> {
  const { feed } = parseInput(z.object({ feed: publishedName }), { feed: given });
  requireRole(ctx, "viewer");
  requireFeed(ctx, "read", feed);
  const rows = await withDatabase(ctx, (db) =>
    db
      .select({ pipelineName: problemMark.pipelineName, createdAt: problemMark.createdAt })
      .from(problemMark)
      .where(
        and(
          eq(problemMark.feed, feed),
          eq(problemMark.kind, "acknowledgement"),
          gte(problemMark.createdAt, new Date(since)),
        ),
      )
      .orderBy(asc(problemMark.createdAt))
      .limit(MOST),
  );
  return rows.map(({ pipelineName, createdAt }) => ({ pipelineName, at: createdAt.getTime() }));
}
