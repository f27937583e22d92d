/** Can serve: 503 with the reason while it cannot. The control plane is told of, but pages and streams do without it. */
import type { RequestHandler } from "@builder.io/qwik-city";
import { getApp } from "~/app-instance";

export const onGet: RequestHandler = (ev) => {
  ev.cacheControl({ noStore: true });
  const { control, notReady } = getApp();
  const missing = notReady();
  ev.text(missing === null ? 200 : 503, `${missing ?? "ready"}\ncontrol plane ${control.state.kind}\n`);
};
