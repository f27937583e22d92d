/** GET /api/v1/problem-marks: what is in force of all problems. */
import type { RequestHandler } from "@builder.io/qwik-city";
import { getApp } from "~/app-instance";
import { controlCall } from "~/web/control-calls";
import { currentMarks } from "~/web/problem-calls";

export const onGet: RequestHandler = (ev) =>
  controlCall(getApp(), ev, async (ctx) => ({ marks: await currentMarks(getApp(), ctx) }));
