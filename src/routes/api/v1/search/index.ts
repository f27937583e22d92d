/** GET /api/v1/search: errors that have all words of a question, grouped by problem. */
import type { RequestHandler } from "@builder.io/qwik-city";
import { getApp } from "~/app-instance";
import { AppError } from "~/model/app-error";
import { instantMs } from "~/model/instant";
import { actorOf } from "~/web/actor";
import { searchErrors } from "~/web/error-search";
import { headAt } from "~/web/pages/page-time";
import { parseSearch, timesOf } from "~/web/search-query";

export const onGet: RequestHandler = async (ev) => {
  const app = getApp();
  const { feed, question, pipeline, rows } = parseSearch(app, actorOf(ev), ev.query);
  if (question === null)
    throw new AppError("bad-parameter", 'q is missing: it takes words and "phrases".', { parameter: "q" });
  const head = rows.at === null ? null : await headAt(app, feed.name, rows.at);
  const instant = head === null ? app.live.status(feed.name).instant : head.instant;
  const times = timesOf(rows, (instant === null ? null : instantMs(instant)) ?? app.clock.now());
  const answer = await searchErrors(app, feed, {
    ...{ question, pipeline, head, ...times },
    after: rows.after,
    limit: rows.limit,
  });
  const { position, matches, grouped, problems, others, searchedFrom, next } = answer;
  ev.headers.set("Cache-Control", "no-store");
  ev.json(200, {
    ...{ feed: feed.name, terms: question.terms, position, instant: answer.instant },
    ...{ matches, grouped, problems, others, searchedFrom, next },
  });
};
