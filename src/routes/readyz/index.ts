/** Can serve: 503 with the reason while it cannot. */
import type { RequestHandler } from "@builder.io/qwik-city";
import { getApp } from "~/app-instance";

export const onGet: RequestHandler = (ev) => {
  ev.cacheControl({ noStore: true });
  const missing = getApp().notReady();
  ev.text(missing === null ? 200 : 503, `${missing ?? "ready"}\n`);
};
