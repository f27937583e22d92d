/** The parameters of a search in errors, on the page and in the call alike. */
import type { App } from "../app";
import type { Actor } from "../control/actor";
import { AppError } from "../model/app-error";
import { parseQuestion, type ErrorQuestion } from "../model/error-search";
import type { Feed } from "../model/feed";
import { absolute, parseRowQuery, type RowQuery } from "../model/row-query";
import { wantedFeeds } from "./pages/attempt-feed";

export const SEARCH_PARAMETERS = ["q", "feed", "pipeline", "from", "to", "at", "limit", "after"] as const;

export interface SearchQuery {
  feed: Feed;
  /** Null when nothing was asked yet. */
  question: ErrorQuestion | null;
  pipeline: string | null;
  rows: RowQuery;
}

const LIMITS = { limit: 50, maxLimit: 500, others: ["q", "feed", "pipeline"] };

/** @throws AppError bad-parameter, unknown-feed, forbidden, not-found */
export function parseSearch(app: App, actor: Actor, params: URLSearchParams): SearchQuery {
  for (const name of params.keys())
    if (!(SEARCH_PARAMETERS as readonly string[]).includes(name))
      throw new AppError(
        "bad-parameter",
        `There is no parameter ${JSON.stringify(name)}: it takes ${SEARCH_PARAMETERS.join(", ")}.`,
        {
          parameter: name,
        },
      );
  const { feed } = wantedFeeds(app, actor, params.get("feed"))[0]!;
  const text = params.get("q") ?? "";
  const pipeline = params.get("pipeline");
  return {
    feed,
    question: text.trim() === "" ? null : parseQuestion(text),
    pipeline: pipeline === "" ? null : pipeline,
    rows: parseRowQuery(feed, params, app.clock.now(), LIMITS),
  };
}

/** The event times that are asked for, at the instant of the answer. */
export const timesOf = ({ from, to }: RowQuery, instantMs: number) => ({
  from: from && absolute(from, instantMs),
  to: to && absolute(to, instantMs),
});
