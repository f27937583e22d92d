/** GET and POST /api/v1/tokens */
import type { RequestHandler } from "@builder.io/qwik-city";
import { getApp } from "~/app-instance";
import { createToken } from "~/control/token/create-token";
import { listTokens } from "~/control/token/list-tokens";
import { controlCall, controlCallWithBody } from "~/web/control-calls";

export const onGet: RequestHandler = (ev) =>
  controlCall(getApp(), ev, async (ctx) => ({ tokens: await listTokens(ctx) }));

export const onPost: RequestHandler = (ev) => controlCallWithBody(getApp(), ev, createToken, { status: 201 });
