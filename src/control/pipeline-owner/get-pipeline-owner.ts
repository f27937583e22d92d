import { eq } from "drizzle-orm";
import { AppError } from "../../model/app-error";
import { requireRole } from "../actor";
import { withDatabase, type ControlContext } from "../context";
import { pipelineOwner } from "../db/schema/pipeline-owner";
import { parseInput, publishedName } from "../input";
import { pipelineOwnerOf, type PipelineOwner } from "./pipeline-owner";

/** @throws AppError not-found, bad-body, control-unavailable */
export async function getPipelineOwner(ctx: ControlContext, name: unknown): Promise<PipelineOwner> {
  requireRole(ctx, "viewer");
  const pipelineName = parseInput(publishedName, name);
  const owner = await findOwner(ctx, pipelineName);
  if (owner) return owner;
  throw new AppError("not-found", `Nothing is kept about the pipeline ${JSON.stringify(pipelineName)}.`);
}

/** In a transaction the row is held until its end. */
export async function findOwner(ctx: ControlContext, pipelineName: string): Promise<PipelineOwner | null> {
  const [row] = await withDatabase(ctx, (db) => {
    const query = db.select().from(pipelineOwner).where(eq(pipelineOwner.pipelineName, pipelineName));
    return ctx.tx ? query.for("update") : query;
  });
  return row ? pipelineOwnerOf(row) : null;
}
