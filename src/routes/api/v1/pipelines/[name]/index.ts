/** GET /api/v1/pipelines/{name} */
import type { RequestHandler } from "@builder.io/qwik-city";
import { getApp } from "~/app-instance";
import { nameIn } from "~/components/pipeline/pipeline-href";
import { sendPipeline } from "~/web/pipeline-calls";

export const onGet: RequestHandler = (ev) => sendPipeline(getApp(), ev, nameIn(ev.params["name"]!, ev.query));
