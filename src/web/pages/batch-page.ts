/** What the page of a batch shows: its attempts on an axis of time, its stages in numbers, its way, and another one beside it. */
import type { RequestEventCommon } from "@builder.io/qwik-city";
import type { App } from "../../app";
import { shownOwner, type ShownOwner } from "../../components/owner/owner-links";
import { batchIn } from "../../components/event-table/cell";
import { paramsWithout, withParams } from "../../components/shell/page-url";
import type { Zone } from "../../components/ui/time-text";
import type { GhostSpan } from "../../components/waterfall/lanes";
import { listPipelineOwners } from "../../control/pipeline-owner/list-pipeline-owners";
import { AppError } from "../../model/app-error";
import type { Attempt } from "../../model/attempt";
import { compareBatches, type StageComparison } from "../../model/batch-story";
import { eventTimeOf } from "../../model/feed";
import { normaliseError, problemId } from "../../model/normalise-error";
import { isLost } from "../../model/pipeline-health";
import { foldAttempts } from "../../model/pipeline-grid";
import { actorOf } from "../actor";
import { attemptFeeds } from "./attempt-feed";
import { batchFacts, carriedBy, eventsOf, findBatch, type BatchFacts, type FoundBatch } from "./batch-facts";
import { askForPage } from "./page-control";
import { hereOf, pageState, pageTime, type PageState, type PageTime } from "./page-time";

export interface BatchPage extends BatchFacts {
  state: PageState;
  zone: Zone;
  /** Where work under way ends, epoch ms. */
  until: number;
  feed: { name: string; title: string };
  linkFeed: string | null;
  /** Indexes of the fields that lead to the logs (-1 = none) and of the key. */
  urlField: number;
  keyField: number;
  /** What is kept about its pipelines; none while the database is not there. Also on pages of the past: it is of the present. */
  owners: readonly ShownOwner[];
  /** The batch before, of the pipeline that began this one: where its stages were. */
  ghosts: readonly GhostSpan[];
  ghostOf: string | null;
  /** Problems of what failed, by pipeline and stage as `<pipeline>\0<stage>`. */
  problemHrefs: ReadonlyMap<string, string>;
  /** When the work under way was last heard of, if that is so long ago that it is given up for lost; else null. */
  lostSince: number | null;
  compared: { correlationId: string; facts: BatchFacts; stages: readonly StageComparison[] } | null;
  /** The instant of the newest event. */
  instant: { id: string; href: string } | null;
  hrefs: { here: string; events: string; plain: string };
  /** Fields that a form must keep. */
  kept: readonly [string, string][];
  follow: { feed: string; topic: string; position: string; schemaId: string; key: number; field: number } | null;
}

/** Of the page at the request's address. @throws as `batchStory` */
export const batchPage = (app: App, ev: RequestEventCommon): Promise<BatchPage> =>
  batchStory(app, ev, {
    correlationId: batchIn(ev.params["correlationId"]!, ev.query),
    feed: ev.query.get("feed"),
    other: ev.query.get("with"),
    here: hereOf(ev),
  });

export interface WantedBatch {
  correlationId: string;
  /** Null = whichever knows it. */
  feed: string | null;
  /** The batch that it is compared with. */
  other: string | null;
  /** Path and query of its own page, which the request need not be for. */
  here: string;
  /** Of the feed, where it is known already. */
  time?: PageTime;
}

/**
 * A batch as of the `at` of the request.
 *
 * @throws AppError not-found when no event of the batch is known then; gone, bad-parameter, forbidden
 */
export async function batchStory(app: App, ev: RequestEventCommon, wanted: WantedBatch): Promise<BatchPage> {
  const { here } = wanted;
  const timeOf = (name: string) => (wanted.time ? Promise.resolve(wanted.time) : pageTime(app, ev, name));
  const found = await findBatch(app, actorOf(ev), wanted.feed, wanted.correlationId, timeOf);
  const { feed, fields, time, picture, facts } = found;
  const { correlationId, summary } = facts;
  const names = [...summary.pipelines].slice(0, MOST_OWNERS);
  const [owners, compared, instant, head] = await Promise.all([
    askForPage(app, ev, (ctx) => listPipelineOwners(ctx, names)),
    comparedWith(app, found, wanted.other),
    carriedBy(app, feed, picture, facts.newest),
    app.live.newest(feed.name, 1, time.head),
  ]);
  const [newest] = head.rows;
  const state = pageState(time, picture, newest ? eventTimeOf(feed, newest) : null, app.ingest.status(feed.name));
  const until = time.at === null ? Math.max(time.now, picture.committedAt ?? 0) : state.viewedAt;
  const ghostOf = facts.neighbours.find(({ previous }) => previous !== null)?.previous ?? null;
  return {
    ...facts,
    state,
    zone: time.zone,
    until,
    feed: { name: feed.name, title: feed.title },
    linkFeed: attemptFeeds(app, actorOf(ev)).length > 1 ? feed.name : null,
    urlField: feed.fields.findIndex(({ name, type }) => name === "url" && type.kind === "string"),
    keyField: feed.key,
    owners: (owners ?? []).map(shownOwner),
    ghosts: ghostsOf(found),
    ghostOf,
    problemHrefs: problemsOf(found),
    lostSince: lostSince(found, until),
    compared,
    instant: instant === null ? null : { id: instant, href: `/feeds/${feed.name}/instants/${instant}` },
    hrefs: {
      here,
      events: withParams(`/feeds/${feed.name}`, { correlationId, at: time.at }),
      plain: withParams(here, { with: null }),
    },
    kept: paramsWithout(here, ["with"]),
    follow:
      time.at === null
        ? {
            feed: feed.name,
            topic: `feeds/${feed.name}`,
            position: picture.position,
            schemaId: feed.schemaId,
            key: feed.key,
            field: fields.correlationId,
          }
        : null,
  };
}

/** By what runs of its pipelines usually take; of a pipeline of which nothing is usual nothing is lost. */
function lostSince({ picture, facts }: FoundBatch, until: number): number | null {
  if (facts.summary.state !== "running") return null;
  const usual = new Map(picture.derived!.pipelines.map((summary) => [summary.pipelineName, summary]));
  const heard = facts.attempts.filter(({ endedAt }) => endedAt === null);
  const isOver = heard.every(({ pipelineName, updatedAt }) => {
    const { usualDurationMs = null, durationSpreadMs = null } = usual.get(pipelineName) ?? {};
    return isLost(updatedAt, usualDurationMs, durationSpreadMs, until);
  });
  return heard.length > 0 && isOver ? heard.reduce((last, { updatedAt }) => Math.max(last, updatedAt), 0) : null;
}

function problemsOf({ picture, facts, time }: FoundBatch): Map<string, string> {
  const known = new Set(picture.derived!.problems.map(({ id }) => id));
  const at = time.at === null ? "" : `?at=${encodeURIComponent(time.at)}`;
  const hrefs = new Map<string, string>();
  for (const { pipelineName, stageName, status, error } of facts.stages) {
    if (status !== "FAILED" && status !== "RETRYING") continue;
    const id = problemId(pipelineName, stageName, normaliseError(error).text);
    if (known.has(id)) hrefs.set(`${pipelineName}\0${stageName}`, `/problems/${encodeURIComponent(id)}${at}`);
  }
  return hrefs;
}

const MOST_OWNERS = 100;

/** @throws AppError not-found when nothing is known of the other one */
async function comparedWith(app: App, found: FoundBatch, other: string | null): Promise<BatchPage["compared"]> {
  if (other === null || other === "") return null;
  const { fields, picture, time, facts } = found;
  const events = await eventsOf(app, fields, time.head, other);
  if (!events)
    throw new AppError(
      "not-found",
      `No event of the batch ${JSON.stringify(other.slice(0, 200))} is known, so there is nothing to compare with.`,
    );
  const before = batchFacts(fields, picture, other, events);
  return { correlationId: other, facts: before, stages: compareBatches(fields, facts.attempts, before.attempts) };
}

/** Of each pipeline the stages of its batch before, from the start of the pipeline. */
function ghostsOf({ fields, picture, facts }: FoundBatch): GhostSpan[] {
  const wanted = new Map(facts.neighbours.map(({ pipelineName, previous }) => [pipelineName, previous]));
  const ids = new Set([...wanted.values()].filter((id) => id !== null));
  if (ids.size === 0) return [];
  const rows = picture.rows.filter((row) => {
    const id = row[fields.correlationId] as string;
    return ids.has(id) && wanted.get(row[fields.pipelineName] as string) === id;
  });
  const spans = new Map<string, { attempt: Attempt; from: number; to: number }>();
  const starts = new Map<string, number>();
  for (const attempt of foldAttempts(fields, rows)) {
    const { pipelineName, stageName, startedAt } = attempt;
    const to = attempt.endedAt ?? attempt.updatedAt;
    const key = `${pipelineName}\0${stageName}`;
    const known = spans.get(key);
    spans.set(key, { attempt, from: Math.min(known?.from ?? Infinity, startedAt), to: Math.max(known?.to ?? 0, to) });
    starts.set(pipelineName, Math.min(starts.get(pipelineName) ?? Infinity, startedAt));
  }
  return [...spans.values()].map(({ attempt: { pipelineName, stageName }, from, to }) => {
    const start = starts.get(pipelineName)!;
    return { pipelineName, stageName, fromMs: from - start, toMs: to - start };
  });
}
