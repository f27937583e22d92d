/** POST /api/v1/problems/{id}/split */
import type { RequestHandler } from "@builder.io/qwik-city";
import { getApp } from "~/app-instance";
import { controlCallWithBody } from "~/web/control-calls";
import { splitOff } from "~/web/problem-rule-calls";

export const onPost: RequestHandler = (ev) =>
  controlCallWithBody(getApp(), ev, (ctx, input) => splitOff(getApp(), ctx, ev.params["id"]!, input), { status: 201 });
