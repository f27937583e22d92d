/** GET /api/v1/live?topics=…: one stream for all views of a page (docs/live-protocol.md) */
import type { RequestHandler } from "@builder.io/qwik-city";
import { getApp } from "~/app-instance";
import { serveStream } from "~/web/live-calls";

export const onGet: RequestHandler = (ev) => serveStream(getApp(), ev, null);
