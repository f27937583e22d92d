/** What happened to a feed and to one of its events: the answers of `timeline` and `history`. */
import type { App } from "../app";
import { AppError } from "../model/app-error";
import { rowToObject } from "../model/feed";
import { isInstant } from "../model/instant";
import { onlyParameters, wholeParameter } from "./parameters";

const DEFAULT_LIMIT = 200;
const MAX_LIMIT = 10_000;

/** @throws AppError unknown-feed, bad-parameter */
export async function timelineOf(app: App, feedName: string, query: URLSearchParams) {
  const { feed, reader, pins } = app.tables(feedName);
  onlyParameters(query, ["limit", "after"]);
  const after = query.get("after");
  if (after !== null && !isInstant(after)) {
    throw new AppError("bad-parameter", `after must be an instant of 17 digits, not ${JSON.stringify(after)}.`, {
      parameter: "after",
    });
  }
  // Asked in one turn: no commit falls between the instants and the position that they are of.
  const [page, { position }] = await Promise.all([
    reader.timeline({ limit: wholeParameter(query, "limit", DEFAULT_LIMIT, MAX_LIMIT), ...(after && { after }) }),
    reader.head(),
  ]);
  const pinned = new Set(pins.pins().map(({ instant }) => instant));
  const instants = page.entries.map((entry) => ({ ...entry, pinned: pinned.has(entry.instant) }));
  return { feed: feed.name, position, instants, next: page.next };
}

/** @throws AppError unknown-feed, bad-parameter, not-found when no version of the event is known */
export async function historyOf(app: App, feedName: string, key: string, query: URLSearchParams) {
  const { feed, reader } = app.tables(feedName);
  onlyParameters(query, []);
  const versions = await reader.history(key);
  if (versions.length === 0) {
    throw new AppError("not-found", `The feed ${feed.name} has no version of ${JSON.stringify(key)}.`);
  }
  return { key, versions: versions.map(({ instant, row }) => ({ instant, row: rowToObject(feed, row) })) };
}
