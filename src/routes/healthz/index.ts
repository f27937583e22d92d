/** Alive: the process answers. */
import type { RequestHandler } from "@builder.io/qwik-city";

export const onGet: RequestHandler = (ev) => {
  ev.cacheControl({ noStore: true });
  ev.text(200, "ok\n");
};
