/** Prometheus metrics of this process, for whoever may read every feed: they are about all of them. */
import type { RequestHandler } from "@builder.io/qwik-city";
import { getApp } from "~/app-instance";

export const onGet: RequestHandler = async (ev) => {
  const { metrics } = getApp();
  ev.headers.set("Content-Type", metrics.contentType);
  ev.cacheControl({ noStore: true });
  ev.send(200, await metrics.metrics());
};
