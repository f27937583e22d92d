/** GET /api/v1/views/{view}/rows: the rows of a derived view, from memory. */
import type { RequestEvent } from "@builder.io/qwik-city";
import { createHash } from "node:crypto";
import type { App } from "../app";
import { instantMs } from "../model/instant";
import { filterOf, nextOf, parseRowQuery } from "../model/row-query";
import { holds, keptForEver } from "./caching";
import { headAt } from "./pages/page-time";
import { chooseFormat, contentTypeOf, rowShape, rowWriter } from "./row-formats";

const LIMITS = { limit: 1_000, maxLimit: 1_000_000, others: ["format"] };

/** @throws AppError not-found, bad-parameter, gone */
export async function sendViewRows(app: App, ev: RequestEvent, viewName: string): Promise<void> {
  const view = app.live.view(viewName);
  const query = parseRowQuery(view.shape, ev.query, app.clock.now(), LIMITS);
  const format = chooseFormat(ev.query.get("format"), ev.request.headers.get("accept"));
  const asked = query.after ? { position: query.after.position } : query.at;
  const own = asked && "position" in asked ? app.live.feedPosition(view.name, asked.position) : null;
  // A position of the view stands for one of its feed.
  const at = own === null ? asked : { position: own };
  const head = at === null ? null : await headAt(app, view.feed.name, at);
  const instant = head?.instant ?? app.live.status(view.feed.name).instant;
  // A problem that began days ago is still one: unlike rows of a feed, those of a view are not cut to the last day.
  const filter = filterOf(query, instant === null ? app.clock.now() : instantMs(instant)!);
  if (query.from === null) filter.from = null;
  const page = await app.live.page(`views/${viewName}`, {
    filter,
    limit: query.limit,
    at: head,
    ...(query.after && { after: query.after.place }),
  });
  // Rules of people decide which failures are one problem at an instant; a position of the view names them too.
  const isFixed = own !== null;
  const all = JSON.stringify([page.position, filter, query.limit, query.after?.place ?? null, format]);
  const etag = `"${createHash("sha256").update(all).digest("base64url").slice(0, 22)}"`;
  ev.headers.set("ETag", etag);
  ev.headers.append("Vary", "Accept");
  ev.headers.set("Cache-Control", isFixed ? keptForEver(app.config) : "no-cache");
  ev.headers.set("Weir-Position", page.position);
  ev.headers.set("Weir-Instant", page.instant ?? "0");
  if (holds(ev.request.headers.get("if-none-match"), etag)) {
    ev.send(304, "");
    return;
  }
  const about = { view: viewName, position: page.position, instant: page.instant };
  const writer = rowWriter(format, rowShape(view.shape, false), about);
  const next = page.next && nextOf(page.position, page.next);
  ev.headers.set("Content-Type", contentTypeOf(format));
  ev.send(200, writer.begin() + writer.rows(page.rows) + writer.end(next));
}
