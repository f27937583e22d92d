/**
 * What a request does with which feed, told by its address: the one place where rights on feeds are enforced for pages and
 * calls. What lists feeds leaves out those that may not be read (`readableFeeds`).
 */
import type { App } from "../app";
import { AppError } from "../model/app-error";
import { mayUseFeed, requireFeed, requireRole, type Actor } from "../control/actor";
import type { Feed } from "../model/feed";

export interface FeedRequest {
  method: string;
  path: string;
  query: URLSearchParams;
}

export interface FeedUse {
  feed: string;
  right: "read" | "write";
  /** Pins, notes of instants and dead letters are the team's: viewers leave them as they are. */
  needsOperator: boolean;
}

const FEED_PATH = /^\/(?:api\/v1\/|lake\/)?(?:feeds\/|(?<=lake\/))([^/]+)(?:\/([^/]+))?/;
const VIEW_PATH = /^\/api\/v1\/views\/([^/]+)/;
const PUSH_PATH = /^\/api\/v1\/pubsub\/push\/([^/]+)/;
const STREAM_PATH = "/api/v1/live";
const METRICS_PATH = "/metrics";

/** @param feedOfView the feed that a view is folded from; undefined = there is no such view, which its route says */
export function feedUses(request: FeedRequest, feedOfView: (view: string) => string | undefined): FeedUse[] {
  const { path, method } = request;
  const isReading = method === "GET" || method === "HEAD";
  const read = (feed: string | undefined): FeedUse[] =>
    feed === undefined ? [] : [{ feed, right: "read", needsOperator: false }];
  const ofFeed = FEED_PATH.exec(path);
  if (ofFeed) {
    const feed = decodeURIComponent(ofFeed[1]!);
    if (isReading) return read(feed);
    if (ofFeed[2] === "pins" || ofFeed[2] === "instants") return [{ feed, right: "read", needsOperator: true }];
    return [{ feed, right: "write", needsOperator: ofFeed[2] === "dead-letters" }];
  }
  const view = VIEW_PATH.exec(path)?.[1];
  if (view !== undefined) return read(feedOfView(decodeURIComponent(view)));
  const push = PUSH_PATH.exec(path)?.[1];
  if (push !== undefined) return [{ feed: decodeURIComponent(push), right: "write", needsOperator: false }];
  if (path !== STREAM_PATH) return [];
  const topics = (request.query.get("topics") ?? "").split(",");
  return topics.flatMap((topic) => {
    const [kind, name] = topic.trim().split("/", 2);
    return read(kind === "views" ? feedOfView(name ?? "") : name);
  });
}

/**
 * A feed that may not be read is answered like one that does not exist.
 *
 * @throws AppError unknown-feed, forbidden
 */
export function checkFeedRights(app: App, actor: Actor, request: FeedRequest): void {
  if (actor.role === "admin") return;
  const views = app.live.views();
  const feedOfView = (name: string) => views.find((view) => view.name === name)?.feed.name;
  const uses = feedUses(request, feedOfView);
  if (uses.length === 0) checkReach(actor, request);
  if (request.path === METRICS_PATH) checkEveryFeed(actor);
  for (const { feed, right, needsOperator } of uses) {
    if (!mayUseFeed(actor, "read", feed) && !(right === "write" && mayUseFeed(actor, "write", feed)))
      throw new AppError("unknown-feed", `There is no such feed among those that ${actor.name} may ${right}.`);
    if (needsOperator) requireRole({ actor }, "operator");
    requireFeed({ actor }, right, feed);
  }
}

/** What is no feed: tokens that are no admin's look at it at most. @throws AppError forbidden */
function checkReach(actor: Actor, { method, path }: FeedRequest): void {
  if (actor.kind !== "token") return;
  if (actor.role === "none")
    throw new AppError(
      "forbidden",
      `The token ${actor.name} may write events and nothing else, so not ${method} ${path}.`,
    );
  if (method !== "GET" && method !== "HEAD")
    throw new AppError("forbidden", `The token ${actor.name} is no admin: here it may only read.`);
}

/** Metrics name every feed and tell how busy each is. @throws AppError forbidden */
function checkEveryFeed({ name, feeds }: Actor): void {
  if (feeds.read === "all") return;
  throw new AppError(
    "forbidden",
    `Metrics are of all feeds, and ${name} may read some: use a token or an account that may read "all".`,
  );
}

/** Those that somebody may know of. */
export const readableFeeds = (feeds: readonly Feed[], actor: Actor | null): Feed[] =>
  feeds.filter(({ name }) => actor !== null && mayUseFeed(actor, "read", name));
