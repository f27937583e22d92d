/** GET /api/v1/reliability */
import type { RequestHandler } from "@builder.io/qwik-city";
import { getApp } from "~/app-instance";
import { sendReliability } from "~/web/reliability-calls";

export const onGet: RequestHandler = (ev) => sendReliability(getApp(), ev);
