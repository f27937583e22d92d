/** GET /api/v1/pipeline-owners */
import type { RequestHandler } from "@builder.io/qwik-city";
import { getApp } from "~/app-instance";
import { listPipelineOwners } from "~/control/pipeline-owner/list-pipeline-owners";
import { controlCall } from "~/web/control-calls";

export const onGet: RequestHandler = (ev) =>
  controlCall(getApp(), ev, async (ctx) => ({ owners: await listPipelineOwners(ctx) }));
