import { count } from "drizzle-orm";
import { AppError } from "../../model/app-error";
import { requireOwnerToBe } from "../account/person";
import { requireRole } from "../actor";
import { audit } from "../audit/audit";
import { withTransaction, type ControlContext } from "../context";
import { pipelineOwner } from "../db/schema/pipeline-owner";
import { parseInput, publishedName } from "../input";
import { findOwner } from "./get-pipeline-owner";
import { auditedOwner, pipelineOwnerInput, type PipelineOwner } from "./pipeline-owner";

export const MOST_OWNERS = 5_000;

/**
 * Keeps who answers for a pipeline, in place of what was kept before. The pipeline need not have run yet; a person who is named
 * by id has to have an account. Whoever was kept before goes on, also after their account was disabled.
 *
 * @throws AppError forbidden, bad-parameter, bad-body, conflict when there are too many, control-unavailable
 */
export async function setPipelineOwner(ctx: ControlContext, name: unknown, input: unknown): Promise<PipelineOwner> {
  requireRole(ctx, "operator");
  const pipelineName = parseInput(publishedName, name);
  const kept = parseInput(pipelineOwnerInput, input);
  const after: PipelineOwner = { pipelineName, ...kept, updatedAt: ctx.clock.now(), updatedBy: ctx.actor.name };
  return withTransaction(ctx, async (tx, inside) => {
    const before = await findOwner(inside, pipelineName);
    if (!before) {
      const [all] = await tx.select({ n: count() }).from(pipelineOwner);
      if (all!.n >= MOST_OWNERS)
        throw new AppError("conflict", `${MOST_OWNERS} pipelines have owners, which is the most: delete one first.`);
    }
    if (kept.ownerId !== null && kept.ownerId !== before?.ownerId) await requireOwnerToBe(inside, kept.ownerId);
    const { owner: ownerName, ownerId, runbookUrl, logsTemplate, rerunTemplate, updatedBy } = after;
    const row = {
      ownerName,
      ownerId,
      runbookUrl,
      logsTemplate,
      rerunTemplate,
      updatedAt: new Date(after.updatedAt),
      updatedBy,
    };
    await tx
      .insert(pipelineOwner)
      .values({ pipelineName, ...row })
      .onConflictDoUpdate({ target: pipelineOwner.pipelineName, set: row });
    await audit(inside, {
      action: "pipeline-owner.set",
      entityId: pipelineName,
      before: before && auditedOwner(before),
      after: auditedOwner(after),
    });
    return after;
  });
}
