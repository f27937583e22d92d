/** What the page that searches in errors shows: the question, what answers it grouped by problem, how far back was looked. */
import type { RequestEventCommon } from "@builder.io/qwik-city";
import type { App } from "../../app";
import { withParams } from "../../components/shell/page-url";
import { instantMs } from "../../model/instant";
import { actorOf } from "../actor";
import { searchErrors, type ErrorAnswer, type FoundProblem } from "../error-search";
import { parseSearch, timesOf } from "../search-query";
import { attemptFeeds } from "./attempt-feed";
import { pageState, pageTime, type PageState } from "./page-time";

export interface SearchPage {
  state: PageState;
  title: string;
  /** As it was typed. */
  text: string;
  terms: readonly string[];
  pipeline: string;
  from: string;
  to: string;
  /** Other parameters that the form keeps. */
  kept: readonly [string, string][];
  feeds: readonly { label: string; href: string; isCurrent: boolean }[];
  /** Null before something was asked. */
  found:
    | (Omit<ErrorAnswer, "problems"> & { problems: readonly (FoundProblem & { href: string; eventsHref: string })[] })
    | null;
  olderHref: string | null;
  /** The first piece of the answer; null on it. */
  firstHref: string | null;
}

/** @throws AppError bad-parameter, unknown-feed, forbidden, gone; a redirect that makes a relative time absolute */
export async function searchPage(app: App, ev: RequestEventCommon): Promise<SearchPage> {
  const actor = actorOf(ev);
  const { feed, question, pipeline, rows } = parseSearch(app, actor, ev.query);
  const time = await pageTime(app, ev, feed.name);
  const snapshot = await app.live.newest(feed.name, 1, time.head);
  const instant = snapshot.instant === null ? time.now : instantMs(snapshot.instant)!;
  const { head } = time;
  const search = { pipeline, head, after: rows.after, limit: rows.limit, ...timesOf(rows, instant) };
  const found = question && (await searchErrors(app, feed, { ...search, question }));
  const newest = snapshot.rows[0];
  const newestEventAt = newest ? (newest[feed.eventTime] as number) : null;
  const { here, at } = time;
  const feeds = attemptFeeds(app, actor);
  return {
    state: pageState(time, found ?? snapshot, newestEventAt, app.ingest.status(feed.name)),
    title: feed.title,
    text: ev.query.get("q") ?? "",
    terms: question?.terms ?? [],
    pipeline: pipeline ?? "",
    from: ev.query.get("from") ?? "",
    to: ev.query.get("to") ?? "",
    kept: [...ev.query].filter(([name]) => ["at", "feed", "limit"].includes(name)),
    feeds:
      feeds.length < 2
        ? []
        : feeds.map((one) => ({
            label: one.feed.title,
            href: withParams(here, { feed: one.feed.name, after: null }),
            isCurrent: one.feed === feed,
          })),
    found: found && {
      ...found,
      problems: found.problems.map((problem) => ({
        ...problem,
        href: withParams(`/problems/${problem.id}`, { at }),
        eventsHref: withParams(`/feeds/${feed.name}`, {
          at,
          pipelineName: problem.pipelineName,
          stageName: problem.stageName,
          q: question?.terms[0] ?? null,
          from: new Date(problem.firstAt).toISOString(),
          to: new Date(problem.lastAt + 1).toISOString(),
        }),
      })),
    },
    olderHref: found?.next ? withParams(here, { after: found.next }) : null,
    firstHref: rows.after === null ? null : withParams(here, { after: null }),
  };
}
