/** PUT /api/v1/account/password */
import type { RequestHandler } from "@builder.io/qwik-city";
import { getApp } from "~/app-instance";
import { controlCallWithBody } from "~/web/control-calls";
import { changePassword } from "~/web/change-password";

export const onPut: RequestHandler = (ev) =>
  controlCallWithBody(getApp(), ev, (ctx, input) => changePassword(getApp(), ctx, input));
