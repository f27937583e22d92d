/** GET and PATCH /api/v1/preferences */
import type { RequestHandler } from "@builder.io/qwik-city";
import { getApp } from "~/app-instance";
import { getPreferences } from "~/control/preference/get-preferences";
import { setPreferences } from "~/control/preference/set-preferences";
import { writePreferenceCookies } from "~/web/pages/preference-cookies";
import { controlCall, controlCallWithBody } from "~/web/control-calls";

export const onGet: RequestHandler = (ev) => controlCall(getApp(), ev, getPreferences);

export const onPatch: RequestHandler = (ev) =>
  controlCallWithBody(getApp(), ev, async (ctx, input) => {
    const kept = await setPreferences(ctx, input);
    writePreferenceCookies(ev, kept);
    return kept;
  });
