/** What the page of a difference shows: what newly fails, what recovered, what came and went between two instants. */
import type { RequestEventCommon } from "@builder.io/qwik-city";
import type { App } from "../../app";
import { withParams } from "../../components/shell/page-url";
import { hasRole, requireFeed } from "../../control/actor";
import type { BatchSummary } from "../../model/batch";
import { AppError } from "../../model/app-error";
import type { ChangeKind } from "../../model/difference";
import { CHANGE_KINDS } from "../../model/difference";
import {
  changedBatches,
  changedProblems,
  summarise,
  type Changed,
  type DifferenceSummary,
} from "../../model/difference-summary";
import type { Feed } from "../../model/feed";
import { timeOf } from "../../model/instant";
import type { Problem } from "../../model/problem";
import { isRelative, parseAt } from "../../model/row-query";
import { actorOf } from "../actor";
import { differenceEnds, type DifferenceEnds } from "../difference-ends";
import { readableFeeds } from "../feed-access";
import { zoneOf } from "./reader-zone";

export interface DifferenceEnd {
  /** Null before the first commit. */
  instant: string | null;
  /** Epoch ms; null before the first commit. */
  at: number | null;
  onCallHref: string;
}

export interface DifferencePage {
  feed: { name: string; title: string };
  /** Path and query of the page. */
  here: string;
  zone: string;
  now: number;
  from: DifferenceEnd;
  to: DifferenceEnd;
  /** Rows that changed; null when that is no longer known. */
  changed: number | null;
  statuses: { name: string; before: number; after: number }[];
  summary: DifferenceSummary;
  problems: readonly Changed<Problem>[];
  /** Null until they are asked for. */
  batches: readonly Changed<BatchSummary>[] | null;
  kind: ChangeKind | null;
  /** How many there are of what is listed. */
  problemsInAll: number;
  batchesInAll: number;
  /** The report, of these very instants. */
  reportHref: string;
  /** Whether the one who looks may pin. */
  mayPin: boolean;
}

const MOST_SHOWN = 100;

/** @throws AppError bad-parameter, unknown-feed, forbidden, gone; a redirect that makes relative times absolute */
export async function differencePage(app: App, ev: RequestEventCommon): Promise<DifferencePage> {
  const { query } = ev;
  const here = ev.url.pathname + ev.url.search;
  const now = app.clock.now();
  const feed = chosenFeed(app, ev);
  fixTimes(ev, here, now);
  const kind = CHANGE_KINDS.find((one) => one === query.get("kind")) ?? null;
  const { from, to } = await differenceEnds(app, feed.name, query.get("at"), query.get("vs"));
  const found = await app.live.difference(feed.name, from, to);
  const problems = changedProblems(found.problems);
  const batches = changedBatches(found.batches);
  const listed = <T extends { kind: ChangeKind }>(rows: readonly T[]) =>
    rows.filter((row) => kind === null || row.kind === kind).sort((a, b) => rankOf(a) - rankOf(b));
  const end = ({ instant, committedAt }: typeof from): DifferenceEnd => ({
    instant,
    at: committedAt ?? (instant === null ? null : timeOf(instant)),
    onCallHref: withParams("/", { at: instant }),
  });
  return {
    feed: { name: feed.name, title: feed.title },
    ...{ here, now, kind, zone: zoneOf(ev), from: end(from), to: end(to) },
    changed: found.rows?.changed ?? null,
    statuses: statusesOf(found.counts.before?.window ?? {}, found.counts.after?.window ?? {}),
    summary: summarise(found.problemsBefore, problems, batches),
    problems: listed(problems).slice(0, MOST_SHOWN),
    batches: query.get("show") === "batches" ? listed(batches).slice(0, MOST_SHOWN) : null,
    problemsInAll: listed(problems).length,
    batchesInAll: listed(batches).length,
    reportHref: addressOfDifference("/difference/incident", feed, { from, to }),
    mayPin: hasRole(actorOf(ev), "operator"),
  };
}

/** What began to fail comes first, whenever it was heard of last. */
const rankOf = ({ kind }: { kind: ChangeKind }): number => CHANGE_KINDS.indexOf(kind);

/** Of instants and not of times, so that it is the pinned ones whatever else is gone. */
export const addressOfDifference = (path: string, feed: Feed, { from, to }: DifferenceEnds): string =>
  withParams(path, { feed: feed.name, at: from.instant ?? from.position, vs: to.instant ?? to.position });

/** The one that is named, else the first whose events are attempts. @throws AppError unknown-feed, forbidden */
export function chosenFeed(app: App, ev: RequestEventCommon) {
  const actor = actorOf(ev);
  const name = ev.query.get("feed");
  if (name !== null) {
    const feed = app.feed(name);
    requireFeed({ actor }, "read", feed.name);
    return feed;
  }
  const feeds = readableFeeds(app.feeds, actor);
  const feed = app.live.views().find((view) => feeds.includes(view.feed))?.feed ?? feeds[0];
  if (feed) return feed;
  throw new AppError("forbidden", `${actor.name} may read no feed yet: an admin gives rights in the settings.`);
}

/** An address that can be kept has no time in it that moves with the clock. @throws a redirect */
function fixTimes(ev: RequestEventCommon, here: string, now: number): void {
  const changes: Record<string, string> = {};
  for (const name of ["at", "vs"]) {
    const text = ev.query.get(name);
    if (text === null || !isRelative(text)) continue;
    const parsed = parseAt(text, now);
    if ("time" in parsed) changes[name] = new Date(parsed.time).toISOString();
  }
  if (Object.keys(changes).length > 0) throw ev.redirect(302, withParams(here, changes));
}

function statusesOf(
  before: Readonly<Record<string, number>>,
  after: Readonly<Record<string, number>>,
): DifferencePage["statuses"] {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
  return names.map((name) => ({ name, before: before[name] ?? 0, after: after[name] ?? 0 }));
}

/** Where a page with `vs` leads: a difference has a page of its own. @throws a redirect */
export function leadToDifference(ev: RequestEventCommon, feedName: string | null): void {
  const vs = ev.query.get("vs");
  if (vs === null) return;
  throw ev.redirect(302, withParams("/difference", { feed: feedName, at: ev.query.get("at") ?? "now", vs }));
}
