/** GET /api/v1/feeds/{feed}/live: server-sent events (docs/live-protocol.md) */
import type { RequestHandler } from "@builder.io/qwik-city";
import { getApp } from "~/app-instance";
import { serveStream } from "~/web/live-calls";

export const onGet: RequestHandler = (ev) => serveStream(getApp(), ev, `feeds/${ev.params["feed"]!}`);
