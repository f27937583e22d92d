/** DELETE /api/v1/problem-rules/{id} */
import type { RequestHandler } from "@builder.io/qwik-city";
import { getApp } from "~/app-instance";
import { controlCall } from "~/web/control-calls";
import { undoRule } from "~/web/problem-rule-calls";

export const onDelete: RequestHandler = (ev) =>
  controlCall(getApp(), ev, async (ctx) => void (await undoRule(getApp(), ctx, ev.params["id"]!)));
