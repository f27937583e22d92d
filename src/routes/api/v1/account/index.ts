/** GET /api/v1/account */
import type { RequestHandler } from "@builder.io/qwik-city";
import { getApp } from "~/app-instance";
import { controlCall } from "~/web/control-calls";

export const onGet: RequestHandler = (ev) =>
  controlCall(getApp(), ev, ({ actor: { kind, id, name, role, feeds } }) =>
    Promise.resolve({ kind, id, name, role, feeds }),
  );
