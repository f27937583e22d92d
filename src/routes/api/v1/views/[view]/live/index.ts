/** GET /api/v1/views/{view}/live: server-sent events (docs/live-protocol.md) */
import type { RequestHandler } from "@builder.io/qwik-city";
import { getApp } from "~/app-instance";
import { serveStream } from "~/web/live-calls";

export const onGet: RequestHandler = (ev) => serveStream(getApp(), ev, `views/${ev.params["view"]!}`);
