import type { RequestEventBase } from "@builder.io/qwik-city";
import { looksOfCookies } from "../../components/shell/looks";
import type { Zone } from "../../components/ui/time-text";

/** In which zone the one who asks wants to read times: what their browser's copy of the preferences says. */
export const zoneOf = (ev: RequestEventBase): Zone =>
  looksOfCookies(ev.request.headers.get("cookie") ?? undefined).zone;
