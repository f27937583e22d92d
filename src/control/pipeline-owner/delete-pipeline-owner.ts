import { eq } from "drizzle-orm";
import { requireRole } from "../actor";
import { audit } from "../audit/audit";
import { withTransaction, type ControlContext } from "../context";
import { pipelineOwner } from "../db/schema/pipeline-owner";
import { parseInput, publishedName } from "../input";
import { getPipelineOwner } from "./get-pipeline-owner";
import { auditedOwner } from "./pipeline-owner";

/** @throws AppError forbidden, not-found, bad-body, control-unavailable */
export async function deletePipelineOwner(ctx: ControlContext, name: unknown): Promise<void> {
  requireRole(ctx, "operator");
  const pipelineName = parseInput(publishedName, name);
  await withTransaction(ctx, async (tx, inside) => {
    const before = await getPipelineOwner(inside, pipelineName);
    await tx.delete(pipelineOwner).where(eq(pipelineOwner.pipelineName, pipelineName));
    await audit(inside, {
      action: "pipeline-owner.delete",
      entityId: pipelineName,
      before: auditedOwner(before),
      after: null,
    });
  });
}
