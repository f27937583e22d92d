import { asc, eq } from "drizzle-orm";
import type { ControlDb, Tx } from "../db/database";
import { pipelineOwner } from "../db/schema/pipeline-owner";

/** More would make an address that browsers and proxies cut. */
const MOST_OWN = 50;

/** Names of the pipelines that a person owns. */
export async function ownPipelines(db: ControlDb | Tx, personId: string): Promise<string[]> {
  const rows = await db
    .select({ name: pipelineOwner.pipelineName })
    .from(pipelineOwner)
    .where(eq(pipelineOwner.ownerId, personId))
    .orderBy(asc(pipelineOwner.pipelineName))
    .limit(MOST_OWN);
  return rows.map(({ name }) => name);
}
