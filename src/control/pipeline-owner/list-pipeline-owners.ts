import { asc, inArray } from "drizzle-orm";
import { requireRole } from "../actor";
import { withDatabase, type ControlContext } from "../context";
import { pipelineOwner } from "../db/schema/pipeline-owner";
import { publishedName } from "../input";
import { MOST_OWNERS } from "./set-pipeline-owner";
import { pipelineOwnerOf, type PipelineOwner } from "./pipeline-owner";

/**
 * @param names only of these pipelines, as publishers call them; absent = of all
 * @returns by name
 * @throws AppError control-unavailable
 */
export async function listPipelineOwners(ctx: ControlContext, names?: readonly string[]): Promise<PipelineOwner[]> {
  requireRole(ctx, "viewer");
  // What cannot be the name of an owned pipeline has no owner, and Postgres does not take NUL.
  const wanted = names?.filter((name) => publishedName.safeParse(name).success);
  if (wanted?.length === 0) return [];
  const rows = await withDatabase(ctx, (db) =>
    db
      .select()
      .from(pipelineOwner)
      .where(wanted && inArray(pipelineOwner.pipelineName, wanted))
      .orderBy(asc(pipelineOwner.pipelineName))
      .limit(MOST_OWNERS),
  );
  return rows.map(pipelineOwnerOf);
}
