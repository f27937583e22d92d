import { asc, inArray } from "drizzle-orm";
import { requireRole } from "../actor";
import { withDatabase, type ControlContext } from "../context";
import { pipelineOwner } from "../db/schema/pipeline-owner";
import { MOST_OWNERS } from "./set-pipeline-owner";
import { pipelineOwnerOf, type PipelineOwner } from "./pipeline-owner";

/**
 * @param names only of these pipelines; absent = of all
 * @returns by name
 * @throws AppError control-unavailable
 */
export async function listPipelineOwners(ctx: ControlContext, names?: readonly string[]): Promise<PipelineOwner[]> {
  requireRole(ctx, "viewer");
  if (names?.length === 0) return [];
  const rows = await withDatabase(ctx, (db) =>
    db
      .select()
      .from(pipelineOwner)
      .where(names && inArray(pipelineOwner.pipelineName, [...names]))
      .orderBy(asc(pipelineOwner.pipelineName))
      .limit(MOST_OWNERS),
  );
  return rows.map(pipelineOwnerOf);
}
