/** GET /api/v1/batches/{correlationId} */
import type { RequestHandler } from "@builder.io/qwik-city";
import { getApp } from "~/app-instance";
import { batchIn } from "~/components/event-table/cell";
import { sendBatch } from "~/web/pipeline-calls";

export const onGet: RequestHandler = (ev) => sendBatch(getApp(), ev, batchIn(ev.params["correlationId"]!, ev.query));
