import { asc } from "drizzle-orm";
import { requireRole } from "../actor";
import { withKept, type ControlContext } from "../context";
import { pipelineOwner } from "../db/schema/pipeline-owner";
import { MOST_OWNERS } from "./set-pipeline-owner";
import { pipelineOwnerOf, type PipelineOwner } from "./pipeline-owner";

/**
 * @param names only of these pipelines, as publishers call them; absent = of all
 * @returns by name
 * @throws AppError control-unavailable
 */
export async function listPipelineOwners(ctx: ControlContext, names?: readonly string[]): Promise<PipelineOwner[]> {
  requireRole(ctx, "viewer");
  const owners = await withKept(ctx, "pipeline owners", async (db) => {
    const rows = await db.select().from(pipelineOwner).orderBy(asc(pipelineOwner.pipelineName)).limit(MOST_OWNERS);
    return rows.map(pipelineOwnerOf);
  });
  const wanted = names && new Set(names);
  return wanted ? owners.filter(({ pipelineName }) => wanted.has(pipelineName)) : [...owners];
}
