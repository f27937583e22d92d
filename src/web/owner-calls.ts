/** Verbs of owners, and telling the open pages. */
import type { App } from "../app";
import type { ControlContext } from "../control/context";
import { deletePipelineOwner } from "../control/pipeline-owner/delete-pipeline-owner";
import type { PipelineOwner } from "../control/pipeline-owner/pipeline-owner";
import { setPipelineOwner } from "../control/pipeline-owner/set-pipeline-owner";

type Parts = Pick<App, "live" | "announceNote">;

/** @throws AppError as the verb */
export async function keepOwner(
  app: Parts,
  ctx: ControlContext,
  name: unknown,
  input: unknown,
): Promise<PipelineOwner> {
  const owner = await setPipelineOwner(ctx, name, input);
  tell(app, owner.pipelineName);
  return owner;
}

/** @throws AppError as the verb */
export async function dropOwner(app: Parts, ctx: ControlContext, name: unknown): Promise<void> {
  await deletePipelineOwner(ctx, name);
  tell(app, String(name));
}

/** Owners are shown where problems are. */
function tell(app: Parts, ref: string): void {
  for (const { view, name } of app.live.views())
    if (view === "problems") app.announceNote({ topic: `views/${name}`, kind: "owner", ref });
}
