/** GET and POST /api/v1/feeds/{feed}/instants/{instant}/notes */
import type { RequestEventCommon, RequestHandler } from "@builder.io/qwik-city";
import { getApp } from "~/app-instance";
import { controlCall, controlCallWithBody } from "~/web/control-calls";
import { aboutInstant, notesOf, writeNote } from "~/web/problem-calls";

const subjectOf = (ev: RequestEventCommon) => aboutInstant(getApp(), ev.params["feed"]!, ev.params["instant"]!);

export const onGet: RequestHandler = (ev) =>
  controlCall(getApp(), ev, async (ctx) => ({ notes: await notesOf(ctx, subjectOf(ev)) }));

export const onPost: RequestHandler = (ev) =>
  controlCallWithBody(getApp(), ev, (ctx, input) => writeNote(getApp(), ctx, subjectOf(ev), input), {
    status: 201,
    maxBytes: 32 * 1024,
  });
