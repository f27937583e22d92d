/** GET and DELETE /api/v1/feeds/{feed}/dead-letters/{id} */
import type { RequestHandler } from "@builder.io/qwik-city";
import { getApp } from "~/app-instance";
import { deleteDeadLetter } from "~/web/dead-letter-calls";
import { onlyParameters } from "~/web/parameters";

/** What was sent, byte for byte. It is anything at all, so a browser may only save it. */
export const onGet: RequestHandler = async (ev) => {
  onlyParameters(ev.query, []);
  const { letter, raw } = await getApp().ingest.deadLetters(ev.params["feed"]!).read(ev.params["id"]!);
  ev.headers.set("Content-Type", "application/octet-stream");
  ev.headers.set("X-Content-Type-Options", "nosniff");
  ev.headers.set("Content-Disposition", `attachment; filename="${letter.id}.${raw.format}"`);
  ev.headers.set("Content-Security-Policy", "sandbox");
  ev.headers.set("Cache-Control", "no-store");
  ev.send(200, raw.bytes);
};

export const onDelete: RequestHandler = async (ev) => {
  onlyParameters(ev.query, []);
  await deleteDeadLetter(getApp(), ev, ev.params["feed"]!, ev.params["id"]!);
  ev.send(204, "");
};
