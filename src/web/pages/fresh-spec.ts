/** From where a page follows whose parts the server writes anew. */
import type { App } from "../../app";
import type { FreshSpec } from "../../components/follow/fresh-page";
import type { Feed } from "../../model/feed";

/**
 * What is in memory of a feed is never newer than the lake: a page that was read from the lake has it from there on.
 *
 * @returns null while nothing of the feed is in memory
 */
export function freshSpec(app: App, feed: Feed): FreshSpec | null {
  const { position } = app.live.status(feed.name);
  return position === null ? null : { feed: feed.name, position, schemaId: feed.schemaId, key: feed.key };
}
