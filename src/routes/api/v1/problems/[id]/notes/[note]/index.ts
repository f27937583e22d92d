/** DELETE /api/v1/problems/{id}/notes/{note} */
import type { RequestHandler } from "@builder.io/qwik-city";
import { getApp } from "~/app-instance";
import { controlCall } from "~/web/control-calls";
import { aboutProblem, removeNote } from "~/web/problem-calls";

export const onDelete: RequestHandler = (ev) =>
  controlCall(getApp(), ev, (ctx) =>
    removeNote(getApp(), ctx, aboutProblem(getApp(), ctx, ev.params["id"]!), ev.params["note"]),
  );
