/** GET /api/v1/audit */
import type { RequestHandler } from "@builder.io/qwik-city";
import { getApp } from "~/app-instance";
import { sendAudit } from "~/web/audit-calls";

export const onGet: RequestHandler = (ev) => sendAudit(getApp(), ev);
