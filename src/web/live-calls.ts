/** What the routes of streams and of `changes` have in common: from Qwik City's request to the verbs of the live stage. */
import type { RequestEvent } from "@builder.io/qwik-city";
import type { IncomingMessage } from "node:http";
import type { App } from "../app";
import { AppError } from "../model/app-error";
import { wantedTopics } from "../model/since";
import type { Topic } from "../model/view";
import { actorOf } from "./actor";
import { holds, keptForEver } from "./caching";
import { onlyParameters } from "./parameters";

/**
 * Serves a stream on the raw response until it is closed; the headers that were set on the way here go along.
 *
 * @param topic null = the topics that the address names
 * @throws AppError unknown-feed, not-found, bad-parameter, before anything is sent
 */
export async function serveStream(app: App, ev: RequestEvent, topic: Topic | null): Promise<void> {
  onlyParameters(ev.query, topic === null ? ["topics", "since"] : ["since"]);
  const lastEventId = ev.request.headers.get("last-event-id");
  const wanted = wantedTopics(topic ?? ev.query.get("topics") ?? "", ev.query.get("since"), lastEventId);
  if (typeof wanted === "string") throw new AppError("bad-parameter", wanted, { parameter: "topics" });
  const request = (ev.platform as { incomingMessage: IncomingMessage }).incomingMessage;
  const response = request.raw!;
  for (const [name, value] of ev.headers) response.setHeader(name, value);
  const topics = wanted.map((want) => ({ topic: want.topic, feed: app.live.feedOf(want.topic).name }));
  const watch = app.streamRights.watch(actorOf(ev), topics);
  try {
    await app.live.subscribe(request, response, wanted, watch.signal);
  } finally {
    watch.end();
  }
}

/** @param about what the answer begins with: the feed's or the view's name */
export async function sendChanges(
  app: App,
  ev: RequestEvent,
  topic: Topic,
  about: { feed: string } | { view: string },
): Promise<void> {
  onlyParameters(ev.query, ["since", "until"]);
  const answer = await app.live.changes(topic, ev.query.get("since"), ev.query.get("until"));
  const { isImmutable, ...body } = answer;
  if (!isImmutable) {
    ev.headers.set("Cache-Control", "no-store");
    ev.json(200, { ...about, ...body });
    return;
  }
  const etag = `"${body.from}..${body.to}"`;
  ev.headers.set("ETag", etag);
  ev.headers.set("Cache-Control", keptForEver(app.config));
  if (holds(ev.request.headers.get("if-none-match"), etag)) ev.send(304, "");
  else ev.json(200, { ...about, ...body });
}
