/**
 * GET /api/v1/problem-marks: what is in force of all problems, and who owns which pipeline. Open pages ask this by themselves,
 * so a database that is still starting is an answer and no error.
 */
import type { RequestHandler } from "@builder.io/qwik-city";
import { getApp } from "~/app-instance";
import { listPipelineOwners } from "~/control/pipeline-owner/list-pipeline-owners";
import { askForPage } from "~/web/pages/page-control";
import { onlyParameters } from "~/web/parameters";
import { currentMarks } from "~/web/problem-calls";

export const onGet: RequestHandler = async (ev) => {
  onlyParameters(ev.query, []);
  const app = getApp();
  const known = await askForPage(app, ev, async (ctx) => ({
    marks: await currentMarks(app, ctx),
    owners: await listPipelineOwners(ctx),
  }));
  ev.headers.set("Cache-Control", "no-store");
  ev.json(200, known ?? { marks: null, owners: null });
};
