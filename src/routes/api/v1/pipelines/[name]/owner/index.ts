/** GET, PUT and DELETE /api/v1/pipelines/{name}/owner */
import type { RequestHandler } from "@builder.io/qwik-city";
import { getApp } from "~/app-instance";
import { getPipelineOwner } from "~/control/pipeline-owner/get-pipeline-owner";
import { controlCall, controlCallWithBody } from "~/web/control-calls";
import { dropOwner, keepOwner } from "~/web/owner-calls";

export const onGet: RequestHandler = (ev) =>
  controlCall(getApp(), ev, (ctx) => getPipelineOwner(ctx, ev.params["name"]));

export const onPut: RequestHandler = (ev) =>
  controlCallWithBody(getApp(), ev, (ctx, input) => keepOwner(getApp(), ctx, ev.params["name"], input));

export const onDelete: RequestHandler = (ev) =>
  controlCall(getApp(), ev, (ctx) => dropOwner(getApp(), ctx, ev.params["name"]));
