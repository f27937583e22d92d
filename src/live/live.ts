/**
 * The live stage: what is in memory of every feed, now and at past positions, and the streams that follow it. Pages and calls
 * ask `read`, `page` and `picture`; streams come in through `subscribe`; the committer's news through `committed`.
 */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Clock } from "../clock";
import type { FeedReader, Head } from "../lake/reader";
import type { Log } from "../log";
import type { Metrics } from "../metrics";
import { AppError } from "../model/app-error";
import type { Delta, StatusCounts } from "../model/delta";
import { attemptFields, type Attempt } from "../model/attempt";
import { eventTimeOf, type Feed } from "../model/feed";
import { EVERYTHING } from "../model/filter";
import { timeOf, type Instant } from "../model/instant";
import type { NoteFrame } from "../model/note-kind";
import type { Position } from "../model/position";
import type { Problem } from "../model/problem";
import { hasFailedAnew } from "../model/problem-mark";
import type { Row } from "../model/value";
import { slotCounts, timeRange, type TimeLine } from "../model/time-line";
import { VIEWS, viewShape, type Topic as TopicName, type ViewName } from "../model/view";
import { difference } from "./catch-up";
import { answerChanges, feedPosition, type ChangesAnswer } from "./changes";
import { compareCommits, type FeedDifference } from "./difference";
import { derivedPosition, FeedFollower, type Announced } from "./follower";
import { Regrouping, type ProblemRule } from "../model/problem-rule";
import { noteText, previewText } from "./frames";
import { Hub, HUB_LIMITS, type HubLimits } from "./hub";
import { KeptAnswers } from "../kept-answers";
import { liveMeasures, type LiveMeasures } from "./measures";
import { NEWEST_KEPT, PastPictures, rowsOrGone, type PastDigest } from "./past";
import { standingOf, type FeedPicture, type Grouped } from "./picture";
import { hotPage, pastPage, type PageQuery, type ViewPage, type ViewSnapshot } from "./row-pages";
import type { Wanted } from "../model/since";
import { problemStory, type ProblemStory } from "./problem-story";
import { openStream } from "./stream";
import type { RingLimits } from "./topic";
import { NO_USUAL, type UsualSource } from "./usual-source";

export interface LiveOptions {
  feeds: readonly Feed[];
  readerOf: (feed: Feed) => FeedReader;
  /** What the hot window is read with, so that it waits for nobody's question; absent = the same. */
  followingOf?: (feed: Feed) => FeedReader;
  hotRows: number;
  clock: Clock;
  log: Log;
  metrics: Metrics;
  /** Uniform in [0, 1); for spreading reconnects. */
  random?: () => number;
  limits?: Partial<HubLimits>;
  ring?: RingLimits;
  /** How often the lake is looked at for commits that nobody announced. */
  pollMs?: number;
  /** What pipelines are compared with; absent = nothing is usual. */
  usualOf?: (feed: Feed) => UsualSource;
}

export interface Overview extends Grouped, Omit<PastDigest, "newest"> {
  rows: readonly Row[];
  /** Rows of the view, in its order; empty for a feed whose events are no attempts. */
  pipelines: readonly Row[];
}

export interface LiveStatus {
  position: Position | null;
  instant: Instant | null;
  committedAt: number | null;
  /** Rows in memory and the event time of the oldest of them. */
  hot: { rows: number; from: number | null };
  /** Why the feed is not followed at present. */
  fault: string | null;
  connections: number;
}

/** A derived view of a feed as the API lists it. */
export interface DerivedView {
  name: string;
  view: ViewName;
  feed: Feed;
  shape: Feed;
}

/** Each holds the changed rows of two views. */
const DIFFERENCES_KEPT = 16;
const RING: RingLimits = { frames: 4_096, bytes: 48 * 1024 * 1024 };
/** Pages wait this long for the first load of a feed; one that takes longer (an engine that starts) is told of by a page that comes back. */
const READY_MS = 5_000;

export class Live {
  readonly #options: LiveOptions;
  readonly #followers = new Map<string, FeedFollower>();
  readonly #views = new Map<string, DerivedView>();
  readonly #past: PastPictures;
  readonly #differences = new KeptAnswers<FeedDifference>(DIFFERENCES_KEPT);
  readonly #hub: Hub;
  readonly #measures: LiveMeasures;

  /** Returns at once; the feeds are read in the background, and what asks for them waits. */
  static open(options: LiveOptions): Promise<Live> {
    return Promise.resolve(new Live(options));
  }

  private constructor(options: LiveOptions) {
    this.#options = options;
    this.#past = new PastPictures(options.hotRows, options.usualOf);
    this.#measures = liveMeasures(options.metrics);
    const limits = { ...HUB_LIMITS, ...options.limits };
    this.#hub = new Hub(limits, options.clock, options.random ?? Math.random, this.#measures);
    for (const feed of options.feeds) this.#follow(feed);
  }

  #follow(feed: Feed): void {
    const isFirst = this.#views.size === 0;
    const viewName = (view: ViewName) => (isFirst ? view : `${view}.${feed.name}`);
    if (attemptFields(feed)) {
      for (const view of VIEWS) {
        const name = viewName(view);
        this.#views.set(name, { name, view, feed, shape: viewShape(view, name) });
      }
    }
    const { readerOf, followingOf = readerOf, hotRows, log, pollMs = 5_000, ring = RING } = this.#options;
    const { usualOf = () => NO_USUAL } = this.#options;
    const follower = new FeedFollower({
      feed,
      reader: readerOf(feed),
      following: followingOf(feed),
      hotRows,
      pollMs,
      ring,
      log: log.child({ area: "live" }),
      usual: usualOf(feed),
      viewName,
      onFrames: (topics) => this.#hub.publish(topics),
      onPreview: (topic, frame) => this.#hub.note(topic, previewText(topic.name, frame)),
      onRestart: (topics, reason) => {
        for (const topic of topics) this.#hub.reset(topic, reason);
      },
    });
    this.#followers.set(feed.name, follower);
  }

  /** News of a commit; returns at once and never throws. */
  committed(feedName: string, commit: Announced): void {
    this.#followers.get(feedName)?.committed(commit);
  }

  /** This process has staged a file of events; returns at once and never throws. */
  staged(feedName: string, file: string, rows: readonly Row[]): void {
    this.#followers.get(feedName)?.preview.staged(file, rows);
  }

  /** A staged file is gone; returns at once and never throws. */
  unstaged(feedName: string, file: string): void {
    this.#followers.get(feedName)?.preview.unstaged(file);
  }

  /** Tells the open pages that show `topic` of what somebody decided; returns at once and never throws. */
  note({ topic, kind, ref }: NoteFrame): void {
    const name = topic.slice(topic.indexOf("/") + 1);
    const feedName = topic.startsWith("views/") ? this.#views.get(name)?.feed.name : name;
    const found = feedName === undefined ? null : this.#followers.get(feedName)?.topic(topic);
    if (found) this.#hub.note(found, noteText(topic, kind, ref));
  }

  /** The problem of this id as it is now, and the view that it is a row of; null when no view has it. */
  problem(id: string): { view: DerivedView; problem: Problem } | null {
    for (const view of this.#views.values()) {
      if (view.view !== "problems") continue;
      const problem = this.#followers.get(view.feed.name)?.problem(id);
      if (problem) return { view, problem };
    }
    return null;
  }

  /**
   * Everything about one problem, now (`at` null) or at a completed commit; a null story when there was no such problem.
   *
   * @throws AppError as `picture`
   */
  async problemStory(
    feedName: string,
    id: string,
    at: Head | null,
  ): Promise<{ picture: FeedPicture; story: ProblemStory | null }> {
    const follower = this.#follower(feedName);
    for (;;) {
      const { regrouping } = follower;
      const picture = await this.picture(feedName, at);
      // Rules that changed meanwhile have made other problems.
      if (picture.grouping === regrouping.version) return { picture, story: problemStory(picture, regrouping, id) };
    }
  }

  /** The failures of a problem now, ascending; none when there is no such problem. */
  failuresOf(id: string): readonly Attempt[] {
    const found = this.problem(id);
    return found ? this.#follower(found.view.feed.name).failuresOf(id) : [];
  }

  /** What people decided about which failures of a feed are one problem, as it is applied now. @throws AppError unknown-feed */
  regroupingOf(feedName: string): Regrouping {
    return this.#follower(feedName).regrouping;
  }

  /** Groups problems by these rules from now on, the past too. Returns at once and never throws. */
  regroup(rules: readonly ProblemRule[]): void {
    for (const follower of this.#followers.values())
      follower.regroup(new Regrouping(rules.filter(({ feed }) => feed === follower.feed.name)));
  }

  /** Whether the stage of a problem has completed after `seenAt` (event time) and the problem failed again after that. */
  hasFailedAnew(id: string, seenAt: number): boolean {
    const found = this.problem(id);
    if (!found) return false;
    const { lastSeen, pipelineName, stageName } = found.problem;
    const completions = this.#follower(found.view.feed.name).completionsOf(pipelineName, stageName);
    return hasFailedAnew(seenAt, lastSeen, completions);
  }

  /** Somebody else may have committed; returns at once. */
  look(feedName: string): void {
    this.#followers.get(feedName)?.look();
  }

  /** The derived views, each with the feed that it is derived from. */
  views(): readonly DerivedView[] {
    return [...this.#views.values()];
  }

  /** @throws AppError not-found */
  view(name: string): DerivedView {
    const view = this.#views.get(name);
    if (view) return view;
    const known = [...this.#views.keys()];
    const cure =
      known.length > 0 ? `there are ${known.join(", ")}` : "no feed has the fields that views are derived from";
    throw new AppError("not-found", `There is no view ${JSON.stringify(name)}: ${cure}.`);
  }

  /** Resolves when a feed can be shown, or the end. Never rejects. @throws AppError unknown-feed */
  loaded(feedName: string): Promise<void> {
    return this.#follower(feedName).loaded;
  }

  /**
   * Everything in memory about a feed, now (`at` null) or at a completed commit that the feed's reader resolved.
   *
   * @throws AppError unknown-feed, gone, engine-unavailable
   */
  async picture(feedName: string, at: Head | null): Promise<FeedPicture> {
    const follower = this.#follower(feedName);
    if (isPast(follower, at))
      return this.#past.read(follower.feed, follower.reader, standingOf(at), follower.regrouping);
    await follower.ready(READY_MS);
    return follower.picture()!;
  }

  /**
   * The same of no more than is asked: at a past position only the newest rows that match are read and folded, which takes a
   * fraction of the whole. In the present the whole is there already.
   *
   * @throws AppError as `picture`
   */
  async pictureOf(feedName: string, { filter, limit, at }: Omit<PageQuery, "after">): Promise<FeedPicture> {
    const follower = this.#follower(feedName);
    if (!isPast(follower, at)) return this.picture(feedName, at);
    const { feed, reader, regrouping } = follower;
    return this.#past.part(feed, reader, standingOf(at), { filter, limit, regrouping });
  }

  /**
   * The newest rows of a feed.
   *
   * @throws AppError as `picture`
   */
  async newest(feedName: string, limit: number, at: Head | null): Promise<Grouped & { rows: readonly Row[] }> {
    const { feed, reader, regrouping } = this.#follower(feedName);
    if (isPast(this.#follower(feedName), at)) {
      const answer = await reader.snapshot({ at: at.position, filter: EVERYTHING, limit });
      return { ...standingOf(at), rows: rowsOrGone(feed, at, answer), grouping: regrouping.version };
    }
    const picture = await this.picture(feedName, at);
    return { ...standingOf(picture), rows: picture.rows.slice(0, limit), grouping: picture.grouping };
  }

  /**
   * What the first look at a feed needs, all of one position: its newest rows, rows per status, its problems and pipelines.
   *
   * @throws AppError as `picture`
   */
  async overview(feedName: string, limit: number, at: Head | null): Promise<Overview> {
    const follower = this.#follower(feedName);
    if (isPast(follower, at)) {
      const { feed, reader, regrouping } = follower;
      const { newest, ...more } = await this.#past.overview(feed, reader, standingOf(at), regrouping);
      const isKnown = limit <= newest.length || newest.length < NEWEST_KEPT;
      const rows = isKnown ? newest.slice(0, limit) : (await this.newest(feedName, limit, at)).rows;
      return { ...standingOf(at), rows, ...more };
    }
    const picture = await this.picture(feedName, at);
    const { rows, counts, derived, grouping } = picture;
    const viewRows = (view: ViewName) => derived?.rows(view) ?? [];
    const views = { problems: viewRows("problems"), pipelines: viewRows("pipelines") };
    return { ...standingOf(picture), rows: rows.slice(0, limit), counts, ...views, grouping };
  }

  /** @throws AppError as `picture`, and not-found for an unknown view */
  async read(topic: TopicName, at: Head | null): Promise<ViewSnapshot> {
    const { follower, feed, view, shape } = this.#source(topic);
    if (view?.view === "problems" && isPast(follower, at)) {
      const digest = await this.#past.digest(feed, follower.reader, standingOf(at), follower.regrouping);
      const { problems: rows, grouping } = digest;
      const position = this.viewPosition({ position: at.position, grouping });
      return { ...standingOf(at), topic, shape, position, rows, floor: null, counts: null, total: rows.length };
    }
    const picture = await this.picture(feed.name, at);
    const { instant, committedAt, counts } = picture;
    if (view === null) {
      const { position, rows, floor } = picture;
      return { topic, shape, position, instant, committedAt, rows, floor, counts, total: rows.length };
    }
    const rows = picture.derived!.rows(view.view);
    const position = this.viewPosition(picture);
    return { topic, shape, position, instant, committedAt, rows, floor: null, counts: null, total: rows.length };
  }

  /**
   * The rows of a view that match a filter, a page at a time. What lies behind the hot window comes from the lake.
   *
   * @throws AppError as `read`
   */
  async page(topic: TopicName, query: PageQuery): Promise<ViewPage> {
    const { follower, view } = this.#source(topic);
    if (view === null && isPast(follower, query.at)) return pastPage(topic, follower, query, query.at);
    return hotPage(await this.read(topic, query.at), follower.reader, query);
  }

  /**
   * What changed in a derived view in `(since, until]`, by comparing the view at both. Positions of the feed's commits.
   *
   * @throws AppError as `read`
   */
  async viewChanges(view: DerivedView, since: Head, until: Head | null): Promise<Delta> {
    const topic: TopicName = `views/${view.name}`;
    const { follower } = this.#source(topic);
    for (;;) {
      const { regrouping } = follower;
      const after = await this.read(topic, until);
      const from = follower.derivedPosition(since.position);
      if (from === after.position) return { from, to: from, up: [], del: [] };
      const before = since.instant === null ? [] : (await this.read(topic, since)).rows;
      // Both ends are grouped by the same rules: when these changed meanwhile, both are read again.
      if (follower.regrouping === regrouping)
        return { from, to: after.position, ...difference(view.shape, before, after.rows) };
    }
  }

  /**
   * The answer of `changes` for a feed or a view.
   *
   * @param since @param until as the client wrote them
   * @throws AppError bad-parameter, gone, too-large, and as `read`
   */
  changes(topic: TopicName, since: string | null, until: string | null): Promise<ChangesAnswer> {
    const { follower, view, shape } = this.#source(topic);
    const viewChanges = (from: Head, to: Head) => this.viewChanges(view!, from, to);
    return answerChanges({ follower, view, shape, viewChanges }, since, until);
  }

  /**
   * What changed between two completed commits of a feed, the earlier one first. Asked again it is the same answer.
   *
   * @throws AppError unknown-feed, gone, engine-unavailable
   */
  difference(feedName: string, from: Head, to: Head): Promise<FeedDifference> {
    const { feed, reader, regrouping } = this.#follower(feedName);
    const name = [...this.#views.values()].find((view) => view.feed === feed && view.view === "batches")?.name;
    return this.#differences.get(`${feed.name} ${from.position} ${to.position} ${regrouping.version}`, () =>
      compareCommits(
        {
          feed,
          reader,
          overview: (at) => this.#problemsAndCounts(feedName, at),
          batches: async (at) => (name === undefined ? [] : (await this.read(`views/${name}`, at)).rows),
        },
        from,
        to,
      ),
    );
  }

  /** What is cheap to know of a commit, also of a past one. */
  async #problemsAndCounts(
    feedName: string,
    at: Head,
  ): Promise<{ problems: readonly Row[]; counts: StatusCounts | null }> {
    const follower = this.#follower(feedName);
    const { feed, reader, regrouping } = follower;
    if (isPast(follower, at)) return this.#past.digest(feed, reader, standingOf(at), regrouping);
    const { derived, counts } = await this.picture(feedName, at);
    return { problems: derived?.rows("problems") ?? [], counts };
  }

  /**
   * The line of time of a feed. What is not counted yet is left out, and there at the next look.
   *
   * @param viewedAt the moment that the page is of, epoch ms; null = now
   * @throws AppError unknown-feed
   */
  async timeLine(feedName: string, viewedAt: number | null): Promise<TimeLine> {
    const follower = this.#follower(feedName);
    const { feed, commitTimes } = follower;
    const now = this.#options.clock.now();
    const oldest = (await follower.waits.reach.for(follower.reach(now))) ?? null;
    const range = timeRange(now, viewedAt, oldest === null ? null : timeOf(oldest));
    const isCounted = (await follower.waits.commits.for(commitTimes.known(range).then(() => true))) ?? false;
    const { failures } = follower;
    return {
      ...range,
      commits: isCounted ? slotCounts(range, commitTimes.counts) : null,
      failures: failures && slotCounts(range, failures),
      failuresFrom: follower.picture()?.floor?.[0] ?? null,
      oldest,
      keptMs: feed.historyMs,
    };
  }

  /** The position of a feed's derived views, where it stands and as problems were grouped for it. */
  viewPosition({ position, grouping }: Pick<Grouped, "position" | "grouping">): Position {
    return derivedPosition(position, this.#options.hotRows, grouping);
  }

  /**
   * A completed commit by the position of a derived view; null when that position is of another epoch.
   *
   * @throws AppError not-found for an unknown view
   */
  feedPosition(viewName: string, position: Position): Position | null {
    const { follower } = this.#source(`views/${viewName}`);
    return feedPosition(follower, position);
  }

  /**
   * Serves a stream until it ends. Unknown topics throw before anything is written; everything else is an event of the stream,
   * because browsers give up on an error status.
   *
   * @param access aborts when whoever follows may not any more, with an `AccessLost` as its reason
   * @throws AppError unknown-feed, not-found
   */
  async subscribe(
    request: IncomingMessage,
    response: ServerResponse,
    wanted: readonly Wanted[],
    access?: AbortSignal,
  ): Promise<void> {
    const sources = wanted.map((want) => ({ ...want, ...this.#source(want.topic) }));
    const parts = {
      hub: this.#hub,
      measures: this.#measures,
      viewChanges: this.viewChanges.bind(this),
      log: this.#options.log,
      access: access ?? null,
    };
    await openStream(parts, request, response, sources);
  }

  /** The feed that a topic is made of. @throws AppError unknown-feed, not-found */
  feedOf(topic: TopicName): Feed {
    return this.#source(topic).feed;
  }

  status(feedName: string): LiveStatus {
    const follower = this.#follower(feedName);
    const picture = follower.picture();
    const oldest = picture?.rows.at(-1);
    return {
      position: picture?.position ?? null,
      instant: picture?.instant ?? null,
      committedAt: picture?.committedAt ?? null,
      hot: { rows: picture?.rows.length ?? 0, from: oldest ? eventTimeOf(follower.feed, oldest) : null },
      fault: follower.fault?.message ?? null,
      connections: this.#hub.size,
    };
  }

  /** Ends the streams with a word, then stops following. */
  async close(): Promise<void> {
    await this.#hub.close();
    for (const follower of this.#followers.values()) await follower.close();
  }

  #follower(feedName: string): FeedFollower {
    const follower = this.#followers.get(feedName);
    if (follower) return follower;
    const known = [...this.#followers.keys()].join(", ");
    throw new AppError("unknown-feed", `There is no feed ${JSON.stringify(feedName)}: there are ${known}.`);
  }

  #source(topic: TopicName): { follower: FeedFollower; feed: Feed; view: DerivedView | null; shape: Feed } {
    const name = topic.slice(topic.indexOf("/") + 1);
    const view = topic.startsWith("views/") ? this.view(name) : null;
    const follower = this.#follower(view?.feed.name ?? name);
    return { follower, feed: follower.feed, view, shape: view?.shape ?? follower.feed };
  }
}

/** Whether a position is not the one that is in memory. */
const isPast = (follower: FeedFollower, at: Head | null): at is Head =>
  at !== null && follower.picture()?.position !== at.position;
