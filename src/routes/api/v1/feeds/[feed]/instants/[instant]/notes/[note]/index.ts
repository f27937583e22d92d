/** DELETE /api/v1/feeds/{feed}/instants/{instant}/notes/{note} */
import type { RequestHandler } from "@builder.io/qwik-city";
import { getApp } from "~/app-instance";
import { controlCall } from "~/web/control-calls";
import { aboutInstant, removeNote } from "~/web/problem-calls";

export const onDelete: RequestHandler = (ev) =>
  controlCall(getApp(), ev, (ctx) =>
    removeNote(getApp(), ctx, aboutInstant(getApp(), ev.params["feed"]!, ev.params["instant"]!), ev.params["note"]),
  );
