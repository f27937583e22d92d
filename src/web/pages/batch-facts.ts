/**
 * What is known of one batch at one commit, for its page and its call: its attempts, folded from all of its events that are
 * kept, the way that it took through pipelines, and its neighbours in time.
 */
import type { App } from "../../app";
import type { Actor } from "../../control/actor";
import { AppError } from "../../model/app-error";
import { attemptFields, compareAttempts, type Attempt, type AttemptFields } from "../../model/attempt";
import { summariseBatch, type BatchSummary, type Run } from "../../model/batch";
import { storyOf, type StageStory } from "../../model/batch-story";
import { eventTimeOf, keyOf, type Feed } from "../../model/feed";
import { EVERYTHING } from "../../model/filter";
import { MOST_PIPELINES_OF_BATCH, stepsOf, type Step } from "../../model/lineage";
import { compareRuns } from "../../model/pipeline";
import { foldAttempts } from "../../model/pipeline-grid";
import { qualityOf, type Quality } from "../../model/quality";
import type { Row } from "../../model/value";
import type { Head } from "../../lake/reader";
import type { FeedPicture } from "../../live/picture";
import { wantedFeeds } from "./attempt-feed";
import type { PageTime } from "./page-time";

/** More events of one batch than this are not read: it is shown by its newest ones. */
export const MOST_EVENTS = 20_000;
/** Pipelines of which neighbours are looked for. */
const MOST_NEIGHBOURED = 16;

/** The batches of a pipeline before and after this one, by when they began in it. Null = none is in the window. */
export interface Neighbours {
  pipelineName: string;
  previous: string | null;
  next: string | null;
}

export interface BatchFacts {
  correlationId: string;
  summary: BatchSummary;
  attempts: readonly Attempt[];
  stages: readonly StageStory[];
  quality: Quality | null;
  /** What each pipeline did, by the order in which they began. */
  runs: readonly (Run & { pipelineName: string })[];
  /** Ways between them; none when so many pipelines share the id that it is no path. */
  steps: readonly Step[];
  neighbours: readonly Neighbours[];
  events: number;
  /** There are more events than were read. */
  isTruncated: boolean;
  /** The newest of its events. */
  newest: Row;
}

export interface FoundBatch<Time extends BatchTime = PageTime> {
  feed: Feed;
  fields: AttemptFields;
  time: Time;
  picture: FeedPicture;
  facts: BatchFacts;
}

/** As of when a batch is asked for: the text of the address, and the commit that it names. Null = the present. */
export type BatchTime = Pick<PageTime, "at" | "head">;

/**
 * In the first of the feeds that the address may mean which knows the batch.
 *
 * @param named the feed that the address names, null = any that may be read
 * @param timeOf resolves the time of the address on a feed
 * @throws AppError not-found, unknown-feed, forbidden, and what `timeOf` throws
 */
export async function findBatch<Time extends BatchTime>(
  app: App,
  actor: Actor,
  named: string | null,
  correlationId: string,
  timeOf: (feedName: string) => Promise<Time>,
): Promise<FoundBatch<Time>> {
  let missing: AppError | null = null;
  for (const { feed } of wantedFeeds(app, actor, named)) {
    const time = await timeOf(feed.name);
    const fields = attemptFields(feed)!;
    const events = await eventsOf(app, fields, time.head, correlationId);
    if (events) {
      const picture = await pictureAround(app, fields, events.rows, time.head);
      return { feed, fields, time, picture, facts: batchFacts(fields, picture, correlationId, events) };
    }
    const then = time.at === null ? "" : ` as of ${time.at}`;
    const id = JSON.stringify(correlationId.slice(0, 200));
    missing ??= new AppError("not-found", `No event of the batch ${id} is known${then}.`);
  }
  throw missing!;
}

export interface BatchEvents {
  /** At least one, newest first. */
  rows: readonly Row[];
  isTruncated: boolean;
}

/** Null when no event of it is known. */
export async function eventsOf(
  app: App,
  { feed, correlationId: field }: AttemptFields,
  at: Head | null,
  correlationId: string,
): Promise<BatchEvents | null> {
  const filter = { ...EVERYTHING, columns: [{ field, negated: false, values: [correlationId] }] };
  const { rows, next } = await app.live.page(`feeds/${feed.name}`, { filter, limit: MOST_EVENTS, at });
  return rows.length === 0 ? null : { rows, isTruncated: next !== null };
}

/** Events around a batch of the past that are read for its neighbours. */
const MOST_AROUND = 20_000;
const AROUND_MS = 86_400_000;

/** What the pipelines of a batch did around it. */
function pictureAround(app: App, fields: AttemptFields, rows: readonly Row[], at: Head | null): Promise<FeedPicture> {
  const { feed, pipelineName: field } = fields;
  const values = [...new Set(rows.map((row) => row[field] as string))].slice(0, MOST_NEIGHBOURED);
  const filter = {
    ...EVERYTHING,
    to: eventTimeOf(feed, rows[0]!) + AROUND_MS,
    columns: [{ field, negated: false, values }],
  };
  return app.live.pictureOf(feed.name, { filter, limit: MOST_AROUND, at });
}

export function batchFacts(
  fields: AttemptFields,
  picture: FeedPicture,
  correlationId: string,
  { rows: found, isTruncated }: BatchEvents,
): BatchFacts {
  const attempts = foldAttempts(fields, found);
  const { batch, runs } = summariseBatch(correlationId, attempts);
  const lasts = new Map<string, Attempt>();
  for (const attempt of attempts) {
    const key = `${attempt.pipelineName}\0${attempt.stageName}`;
    const last = lasts.get(key);
    if (!last || compareAttempts(attempt, last) > 0) lasts.set(key, attempt);
  }
  const inOrder = [...runs]
    .map(([pipelineName, run]) => ({ ...run, pipelineName }))
    .sort((a, b) => a.startedAt - b.startedAt || (a.pipelineName < b.pipelineName ? -1 : 1));
  return {
    correlationId,
    summary: batch,
    attempts,
    stages: storyOf(attempts),
    quality: qualityOf(lasts.values()),
    runs: inOrder,
    steps: runs.size > MOST_PIPELINES_OF_BATCH ? [] : stepsOf(runs),
    neighbours: neighboursOf(picture, correlationId, inOrder.slice(0, MOST_NEIGHBOURED)),
    events: found.length,
    isTruncated,
    newest: found[0]!,
  };
}

/** Of a batch that is not in the window nothing can be told. */
function neighboursOf(
  picture: FeedPicture,
  correlationId: string,
  runs: readonly { pipelineName: string }[],
): Neighbours[] {
  const all = picture.derived!.batchRuns;
  const own = all.find((batch) => batch.correlationId === correlationId)?.runs;
  if (!own) return [];
  return runs.flatMap(({ pipelineName }) => {
    const run = own.get(pipelineName);
    if (!run) return [];
    let previous: Run | null = null;
    let next: Run | null = null;
    for (const batch of all) {
      const other = batch.runs.get(pipelineName);
      if (!other || other === run) continue;
      // Newest first: what comes after this one in that order began before it.
      if (compareRuns(other, run) > 0)
        previous = previous === null || compareRuns(other, previous) < 0 ? other : previous;
      else next = next === null || compareRuns(other, next) > 0 ? other : next;
    }
    return [{ pipelineName, previous: previous?.correlationId ?? null, next: next?.correlationId ?? null }];
  });
}

/** The commit that carried an event as it is at the position, null when the lake has it no more. */
export async function carriedBy(app: App, feed: Feed, picture: FeedPicture, row: Row): Promise<string | null> {
  const at = eventTimeOf(feed, row);
  const filter = {
    ...EVERYTHING,
    from: at,
    to: at + 1,
    columns: [{ field: feed.key, negated: false, values: [keyOf(feed, row)] }],
  };
  const query = { at: picture.position, filter, limit: 1 };
  const answer = await app.tables(feed.name).reader.snapshotWithMeta(query);
  return answer.kind === "rows" ? (answer.rows[0]?.meta[0] ?? null) : null;
}
