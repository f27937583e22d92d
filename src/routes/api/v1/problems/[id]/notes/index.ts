/** GET and POST /api/v1/problems/{id}/notes */
import type { RequestHandler } from "@builder.io/qwik-city";
import { getApp } from "~/app-instance";
import { controlCall, controlCallWithBody } from "~/web/control-calls";
import { aboutProblem, notesOf, writeNote } from "~/web/problem-calls";

export const onGet: RequestHandler = (ev) =>
  controlCall(getApp(), ev, async (ctx) => ({
    notes: await notesOf(ctx, aboutProblem(getApp(), ctx, ev.params["id"]!)),
  }));

export const onPost: RequestHandler = (ev) =>
  controlCallWithBody(
    getApp(),
    ev,
    (ctx, input) => writeNote(getApp(), ctx, aboutProblem(getApp(), ctx, ev.params["id"]!), input),
    { status: 201, maxBytes: 32 * 1024 },
  );
