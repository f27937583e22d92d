/** GET, PUT and DELETE /api/v1/problems/{id}/mute */
import type { RequestHandler } from "@builder.io/qwik-city";
import { getApp } from "~/app-instance";
import { controlCall, controlCallWithBody } from "~/web/control-calls";
import { markProblem, marksOf, unmarkProblem } from "~/web/problem-calls";

const kind = "mute";

export const onGet: RequestHandler = (ev) =>
  controlCall(getApp(), ev, async (ctx) => ({ mutes: await marksOf(getApp(), ctx, ev.params["id"]!, kind) }));

export const onPut: RequestHandler = (ev) =>
  controlCallWithBody(getApp(), ev, (ctx, input) => markProblem(getApp(), ctx, { id: ev.params["id"]!, kind }, input));

export const onDelete: RequestHandler = (ev) =>
  controlCall(getApp(), ev, (ctx) => unmarkProblem(getApp(), ctx, ev.params["id"]!, kind));
