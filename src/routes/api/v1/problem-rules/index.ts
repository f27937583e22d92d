/** GET /api/v1/problem-rules */
import type { RequestHandler } from "@builder.io/qwik-city";
import { getApp } from "~/app-instance";
import { listProblemRules } from "~/control/problem-rule/list-problem-rules";
import { controlCall } from "~/web/control-calls";

export const onGet: RequestHandler = (ev) =>
  controlCall(getApp(), ev, async (ctx) => ({ rules: await listProblemRules(ctx) }));
