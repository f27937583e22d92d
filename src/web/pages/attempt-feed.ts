/** Which feed pages of pipelines and batches are about: one whose events are attempts, among those that the reader may read. */
import type { App } from "../../app";
import type { Actor } from "../../control/actor";
import { AppError } from "../../model/app-error";
import type { Feed } from "../../model/feed";
import type { ViewName } from "../../model/view";
import { readableFeeds } from "../feed-access";

export interface AttemptFeed {
  feed: Feed;
  /** The derived views of it, by kind. */
  views: Readonly<Record<ViewName, string>>;
}

/**
 * In the order of the feeds, at least one.
 *
 * @throws AppError forbidden when no such feed may be read, not-found when there is none
 */
export function attemptFeeds(app: App, actor: Actor): AttemptFeed[] {
  const views = app.live.views();
  const named = (feed: Feed, kind: ViewName) => views.find((view) => view.feed === feed && view.view === kind)?.name;
  const all = app.feeds.filter((feed) => named(feed, "pipelines") !== undefined);
  if (all.length === 0) throw new AppError("not-found", "No feed here has events of pipelines.");
  const readable = readableFeeds(all, actor);
  if (readable.length === 0)
    throw new AppError(
      "forbidden",
      `${actor.name} may read no feed of pipelines: an admin gives rights in the settings.`,
    );
  return readable.map((feed) => {
    const of = (kind: ViewName) => named(feed, kind)!;
    return { feed, views: { problems: of("problems"), pipelines: of("pipelines"), batches: of("batches") } };
  });
}

/**
 * The feeds that an address may mean: the one that it names, else all.
 *
 * @throws AppError unknown-feed, and as `attemptFeeds`
 */
export function wantedFeeds(app: App, actor: Actor, named: string | null): AttemptFeed[] {
  const feeds = attemptFeeds(app, actor);
  if (named === null) return feeds;
  const found = feeds.find(({ feed }) => feed.name === named);
  if (found) return [found];
  const known = feeds.map(({ feed }) => feed.name).join(", ");
  throw new AppError(
    "unknown-feed",
    `There is no feed of pipelines ${JSON.stringify(named.slice(0, 80))} among those that ${actor.name} may read: there are ${known}.`,
  );
}
