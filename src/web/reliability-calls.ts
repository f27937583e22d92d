/** GET /api/v1/reliability: what the page shows, as facts. */
import type { RequestEvent } from "@builder.io/qwik-city";
import type { App } from "../app";
import { parseAt } from "../model/row-query";
import { actorOf } from "./actor";
import { onlyParameters } from "./parameters";
import { wantedFeeds } from "./pages/attempt-feed";
import { headAt } from "./pages/page-time";
import { reliabilityFacts } from "./pages/reliability-facts";

/** @throws AppError bad-parameter, unknown-feed, gone, forbidden */
export async function sendReliability(app: App, ev: RequestEvent): Promise<void> {
  onlyParameters(ev.query, ["at", "feed"]);
  const { feed } = wantedFeeds(app, actorOf(ev), ev.query.get("feed"))[0]!;
  const asked = ev.query.get("at");
  const at = asked === null ? null : parseAt(asked, app.clock.now());
  const head = at === null ? null : await headAt(app, feed.name, at);
  const asOf = at === null ? null : "time" in at ? at.time : head!.committedAt;
  const facts = await reliabilityFacts(app, ev, feed, asOf);
  // People acknowledge at any time: what is answered may be another the next moment.
  ev.headers.set("Cache-Control", "private, no-cache");
  ev.json(200, { feed: feed.name, at: asOf, ...facts });
}
