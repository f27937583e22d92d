import type { ControlContext } from "../context";
import { listPipelineOwners } from "./list-pipeline-owners";

/** More would make an address that browsers and proxies cut. */
const MOST_OWN = 50;

/** Names of the pipelines of the one who asks. @throws AppError control-unavailable */
export async function ownPipelines(ctx: ControlContext): Promise<string[]> {
  const owners = await listPipelineOwners(ctx);
  return owners
    .filter(({ ownerId }) => ownerId === ctx.actor.id)
    .map(({ pipelineName }) => pipelineName)
    .slice(0, MOST_OWN);
}
