/**
 * Follows one feed: loads its hot window once, then moves it commit by commit, and with it the views derived from it and the
 * topics that streams read. A commit that arrives out of order, or from elsewhere, is read from the lake; a slow poll finds
 * what nobody announced. Steps are taken one after the other; what readers see is replaced whole, never half-way.
 *
 * A fault of the lake stops nobody: the last picture stays, with its true age, and loading is tried again.
 */
import type { Logger } from "pino";
import type { FeedReader, Head, Resolved } from "../lake/reader";
import { attemptFields, type Attempt, type AttemptFields } from "../model/attempt";
import { AppError } from "../model/app-error";
import type { Delta, Floor } from "../model/delta";
import { eventTimeOf, keyOf, type Feed } from "../model/feed";
import { EVERYTHING } from "../model/filter";
import { hourOf } from "../model/hours/pipeline-hour";
import type { Instant } from "../model/instant";
import { comparePositions, parsePosition, positionOf, type Position } from "../model/position";
import { fingerprint } from "../model/normalise-error";
import type { Problem } from "../model/problem";
import { NO_RULES, type Regrouping } from "../model/problem-rule";
import type { Usual } from "../model/usual/usual";
import type { Row } from "../model/value";
import { VIEWS, viewShape, type Topic as TopicName, type ViewName } from "../model/view";
import { AttemptFold, type FoldChange } from "../model/view-fold";
import { CommitTimes } from "./commit-times";
import { FailureTimes, knowsFailures } from "./failure-times";
import { HotWindow, reserveOf, type WindowChange } from "./hot-window";
import { PreviewLane, type PreviewFrame } from "./preview";
import { captureFold, timeOfInstant, type FeedPicture, type Standing } from "./picture";
import { ShortWait } from "./short-wait";
import { WindowCounts } from "./status-counts";
import { Topic, type RingLimits } from "./topic";
import type { UsualSource } from "./usual-source";

/** Commits waiting to be applied; beyond it they are dropped here and read from the lake as one change. */
const MOST_PENDING = 32;
/** Commits of others that are followed one by one; a longer way is one leap. */
const MOST_STEPS = 32;
/** Rows of one step beyond which the window is read anew. */
const MOST_CHANGED = 500_000;
const RETRY_MIN_MS = 500;
const RETRY_MAX_MS = 30_000;
const REACH_KEPT_MS = 30_000;
/** The first page waits no longer than this for what is usual. */
const USUAL_PATIENCE_MS = 3_000;
const BESIDE_MS = 20;
/** Part of the epoch of derived views: another fold is another history. */
const FOLD_VERSION = "e";

/** A commit as its maker announces it. */
export interface Announced extends Delta {
  instant: Instant;
  committedAt: number;
}

export interface FollowerOptions {
  feed: Feed;
  /** For what people ask of the feed. */
  reader: FeedReader;
  /** For following it. */
  following: FeedReader;
  hotRows: number;
  pollMs: number;
  ring: RingLimits;
  log: Logger;
  usual: UsualSource;
  /** Names of the derived views of this feed, or null if another feed has taken the plain ones. */
  viewName: (view: ViewName) => string;
  /** Topics that have new frames, once per step. */
  onFrames: (topics: readonly Topic[]) => void;
  /** What was accepted and is not committed yet, to be told to whoever follows the feed. */
  onPreview: (topic: Topic, frame: PreviewFrame) => void;
  /** The topics began again. */
  onRestart: (topics: readonly Topic[], reason: "expired" | "epoch") => void;
}

interface State extends Standing {
  /** What the fold compares pipelines with. */
  usual: Usual;
  window: HotWindow;
  /** What the window showed at this position; it may be a step ahead while a refill is awaited. */
  rows: readonly Row[];
  floor: Floor | null;
  counts: WindowCounts;
  fold: AttemptFold | null;
  /** Null for a feed that knows no failures. */
  failures: FailureTimes | null;
}

/**
 * The position of the views derived from a feed at one of its positions. Windows of different sizes are not comparable, nor are
 * problems that were grouped by other rules: both are part of the epoch.
 *
 * @param grouping version of the rules of people
 */
export const derivedPosition = (position: Position, hotRows: number, grouping: string): Position => {
  const point = parsePosition(position)!;
  const settings = fingerprint(JSON.stringify([FOLD_VERSION, hotRows, grouping])).slice(0, 8);
  return positionOf(point.epoch.slice(0, 8) + settings, point);
};

export class FeedFollower {
  readonly feed: Feed;
  readonly fields: AttemptFields | null;
  readonly preview: PreviewLane;
  readonly commitTimes: CommitTimes;
  /** Of pages for what stands beside that which people came for. */
  readonly waits = { reach: new ShortWait(BESIDE_MS), commits: new ShortWait(BESIDE_MS) };
  readonly #options: FollowerOptions;
  readonly #pending: Announced[] = [];
  readonly #topics = new Map<TopicName, Topic>();
  #viewTopics: { view: ViewName; topic: Topic }[] = [];
  #state: State | null = null;
  #picture: FeedPicture | null = null;
  #isPollDue = false;
  #regrouping: Regrouping = NO_RULES;
  readonly #closing = new AbortController();
  #wake: () => void = () => undefined;
  #stop: () => void = () => undefined;
  #onLoaded: () => void = () => undefined;
  /** Resolves after the first load, or the end. Never rejects. */
  readonly loaded = new Promise<void>((resolve) => (this.#onLoaded = resolve));
  #waiters: (() => void)[] = [];
  #fault: Error | null = null;
  readonly #reach: { known: Instant | null; asked: { at: number; answer: Promise<Instant | null> } | null } = {
    known: null,
    asked: null,
  };
  readonly #timer: NodeJS.Timeout;
  readonly #done: Promise<void>;

  constructor(options: FollowerOptions) {
    this.feed = options.feed;
    this.fields = attemptFields(options.feed);
    this.commitTimes = new CommitTimes(options.reader);
    this.#options = options;
    this.preview = new PreviewLane({
      feed: options.feed,
      committed: () => this.#committedView(),
      tell: (frame) => options.onPreview(this.#topics.get(`feeds/${this.feed.name}`)!, frame),
    });
    this.#timer = setInterval(() => this.look(), options.pollMs);
    this.#timer.unref();
    this.#done = this.#run();
  }

  /** Tells of a commit of this feed; returns at once and never throws. */
  committed(commit: Announced): void {
    if (this.#pending.length < MOST_PENDING) this.#pending.push(commit);
    this.#wake();
  }

  /** Looks for commits that nobody announced; returns at once. */
  look(): void {
    this.#isPollDue = true;
    this.#wake();
  }

  /** What is shown now; null before the first load. Sources of one moment: rows, counts and views of one position. */
  picture(): FeedPicture | null {
    const state = this.#state;
    if (!state) return this.#picture;
    const grouping = this.#regrouping.version;
    if (this.#picture?.position !== state.position || this.#picture.grouping !== grouping) {
      this.#picture = {
        feed: this.feed,
        grouping,
        position: state.position,
        instant: state.instant,
        committedAt: state.committedAt,
        rows: state.rows,
        floor: state.floor,
        counts: state.counts.read(),
        derived: state.fold && captureFold(state.fold, this.fields!, state.rows),
      };
    }
    return this.#picture;
  }

  get hotRows(): number {
    return this.#options.hotRows;
  }

  get reader(): FeedReader {
    return this.#options.reader;
  }

  /** What people decided about which failures are one problem. */
  get regrouping(): Regrouping {
    return this.#regrouping;
  }

  /** Groups by other rules from now on; whoever follows the views loads them again. Returns at once and never throws. */
  regroup(regrouping: Regrouping): void {
    if (regrouping.version === this.#regrouping.version) return;
    this.#regrouping = regrouping;
    const state = this.#state;
    if (!state?.fold) return;
    state.fold.regroup(regrouping);
    this.#restartViews();
  }

  #restartViews(): void {
    const state = this.#state!;
    const shown = { ...standingOf(state), position: this.derivedPosition(state.position), floor: null, counts: null };
    const topics = this.#viewTopics.map(({ topic }) => topic);
    for (const topic of topics) topic.restart(shown);
    this.#options.onRestart(topics, "epoch");
  }

  /** Where the derived views stand at a position of the feed, as they are grouped now. */
  derivedPosition(position: Position): Position {
    return derivedPosition(position, this.#options.hotRows, this.#regrouping.version);
  }

  /** The oldest instant that can be read, as it was told last: some engines are asked over the network, now and then. */
  reach(now: number): Promise<Instant | null> {
    const { asked } = this.#reach;
    const isFresh = asked !== null && now >= asked.at && now - asked.at < REACH_KEPT_MS;
    const answer = isFresh ? asked.answer : this.#askReach(now);
    const { known } = this.#reach;
    return known === null ? answer : Promise.resolve(known);
  }

  #askReach(now: number): Promise<Instant | null> {
    const answer = this.#options.reader.reach();
    this.#reach.asked = { at: now, answer };
    answer.then(
      (oldest) => {
        this.#reach.known = oldest;
        if (oldest === null) this.#reach.asked = null;
      },
      () => (this.#reach.asked = null),
    );
    return answer;
  }

  /** Why the feed is not followed at present, or null. */
  get fault(): Error | null {
    return this.#fault;
  }

  /** The problem of this id now; null when there is none. */
  problem(id: string): Problem | null {
    return this.#state?.fold?.problem(id) ?? null;
  }

  #committedView() {
    const window = this.#state?.window;
    return window ? { row: (key: string) => window.row(key), last: () => window.last } : null;
  }

  /** The failures of a problem now, ascending; none when there is no such problem. */
  failuresOf(id: string): readonly Attempt[] {
    return this.#state?.fold?.failuresOf(id) ?? [];
  }

  /** When attempts of a stage completed, ascending, within the window. */
  completionsOf(pipelineName: string, stageName: string): readonly number[] {
    return this.#state?.fold?.completionsOf(pipelineName, stageName) ?? [];
  }

  /** When rows of the window failed, by tick; null when the feed knows no failures, or nothing was read yet. */
  get failures(): ReadonlyMap<number, number> | null {
    return this.#state?.failures?.counts ?? null;
  }

  topic(name: TopicName): Topic | null {
    return this.#topics.get(name) ?? null;
  }

  /**
   * Waits for the first load.
   *
   * @throws AppError engine-unavailable when it takes longer than `deadlineMs`
   */
  async ready(deadlineMs: number): Promise<void> {
    await this.#until(
      () => this.#state !== null || this.#picture !== null,
      deadlineMs,
      () => {
        return new AppError(
          "engine-unavailable",
          `Feed ${this.feed.name} cannot be shown yet: ${this.#whyNotReady()}`,
          {
            retryAfterMs: 2_000,
          },
        );
      },
    );
  }

  /** What an engine says in its own words is for the log: it may hold paths and stack traces. */
  #whyNotReady(): string {
    if (this.#fault === null) return "its tables are still being read. Try again in a moment.";
    if (this.#fault instanceof AppError) return this.#fault.message;
    return "its tables cannot be read at present, and are tried again and again. The log has the reason.";
  }

  /** Looks for new commits now and waits until they are applied, at most `deadlineMs`. True if the position was reached. */
  async refresh(isReached: () => boolean, deadlineMs: number): Promise<boolean> {
    this.look();
    try {
      await this.#until(isReached, deadlineMs, () => new Error("not reached"));
      return true;
    } catch {
      // The caller asked whether, not why.
      return false;
    }
  }

  async close(): Promise<void> {
    this.#closing.abort();
    this.preview.close();
    clearInterval(this.#timer);
    this.#stop();
    this.#onLoaded();
    this.#tell();
    await this.#done;
  }

  async #until(isTrue: () => boolean, deadlineMs: number, failure: () => Error): Promise<void> {
    let isLate = false;
    const timer = setTimeout(() => {
      isLate = true;
      this.#tell();
    }, deadlineMs);
    try {
      while (!isTrue()) {
        if (isLate || this.#closing.signal.aborted) throw failure();
        await new Promise<void>((resolve) => this.#waiters.push(resolve));
      }
    } finally {
      clearTimeout(timer);
    }
  }

  #tell(): void {
    const waiters = this.#waiters;
    this.#waiters = [];
    for (const resolve of waiters) resolve();
  }

  async #run(): Promise<void> {
    let retryMs = RETRY_MIN_MS;
    while (!this.#closing.signal.aborted) {
      try {
        await this.#step();
        this.#fault = null;
        retryMs = RETRY_MIN_MS;
        this.#tell();
        if (this.#pending.length === 0 && !this.#isPollDue) await this.#sleep(null);
      } catch (cause) {
        if (this.#closing.signal.aborted) return;
        this.#fault = cause instanceof Error ? cause : new Error(String(cause));
        this.#options.log.error(
          { feed: this.feed.name, err: this.#fault },
          "the feed could not be followed; trying again",
        );
        // The step may have been half done: keep what was shown, and load again.
        this.picture();
        this.#state = null;
        this.#pending.length = 0;
        this.#tell();
        await this.#sleep(retryMs);
        retryMs = Math.min(retryMs * 2, RETRY_MAX_MS);
      }
    }
  }

  /** Until something is to be done, or (after a fault) for a time that nothing but closing cuts short. */
  async #sleep(ms: number | null): Promise<void> {
    if (this.#closing.signal.aborted) return;
    let timer: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve) => {
      this.#stop = resolve;
      if (ms === null) this.#wake = resolve;
      else timer = setTimeout(resolve, ms);
    });
    clearTimeout(timer);
    this.#wake = () => undefined;
  }

  async #step(): Promise<void> {
    if (!this.#state) return this.#load();
    const commit = this.#pending.shift();
    if (commit) {
      if (commit.from === this.#state.position) return this.#advance(commit, commit, false);
      const order = comparePositions(commit.to, this.#state.position);
      if (order !== null && order <= 0) return;
      return this.#catchUp();
    }
    if (!this.#isPollDue) return;
    this.#isPollDue = false;
    return this.#catchUp();
  }

  async #load(): Promise<void> {
    const { feed, following: reader, hotRows, usual: memory } = this.#options;
    const isRemembered = Promise.race([memory.ready, this.#patience()]);
    // The way to the tables is found meanwhile; read beside each other, both would take longer.
    const head = await reader.head();
    await isRemembered;
    const limit = hotRows + reserveOf(hotRows);
    const window = new HotWindow(feed, hotRows, [], false);
    // In pieces: gathering all of it at once would take several times its memory.
    const query = { at: head.position, filter: EVERYTHING, limit };
    let left = limit;
    for await (const piece of reader.scan(query, this.#closing.signal))
      window.refill(piece, (left -= piece.length) === 0);
    const usual = memory.usualAt(timeOfInstant(head.instant));
    const fold = this.fields && new AttemptFold(this.fields, window.rows, { usual, regrouping: this.#regrouping });
    const counts = new WindowCounts(feed, window.rows, timeOfInstant(head.instant));
    const failures = knowsFailures(feed) ? new FailureTimes(feed, window.rows) : null;
    const { floor } = window;
    this.#state = { ...standingOf(head), window, rows: window.rows, floor, counts, fold, failures, usual };
    this.commitTimes.begin(head.instant);
    this.#picture = null;
    this.#begin(this.#topics.size > 0);
    this.#onLoaded();
  }

  /** What is usual is read from the lake meanwhile; a lake that is slow holds up no page for it. */
  #patience(): Promise<void> {
    return new Promise((resolve) => {
      setTimeout(resolve, USUAL_PATIENCE_MS).unref();
      this.#closing.signal.addEventListener("abort", () => resolve(), { once: true });
    });
  }

  /** Makes the topics, or starts them again at a position that no delta leads to. */
  #begin(isRestart: boolean): void {
    const state = this.#state!;
    const { ring, viewName } = this.#options;
    const shown = { ...standingOf(state), floor: state.floor, counts: state.counts.read() };
    const derived = { ...shown, position: this.derivedPosition(state.position), floor: null, counts: null };
    if (isRestart) {
      const before = this.#topics.get(`feeds/${this.feed.name}`)!.epoch;
      this.preview.restart();
      for (const topic of this.#topics.values()) topic.restart(topic.name.startsWith("feeds/") ? shown : derived);
      const reason = before === parsePosition(state.position)!.epoch ? "expired" : "epoch";
      this.#options.onRestart([...this.#topics.values()], reason);
      return;
    }
    const own: TopicName = `feeds/${this.feed.name}`;
    this.#topics.set(own, new Topic(own, this.feed, shown, ring));
    if (!state.fold) return;
    this.#viewTopics = VIEWS.map((view) => {
      const name: TopicName = `views/${viewName(view)}`;
      return { view, topic: new Topic(name, viewShape(view, viewName(view)), derived, ring) };
    });
    for (const { topic } of this.#viewTopics) this.#topics.set(topic.name, topic);
  }

  async #catchUp(): Promise<void> {
    const { following: reader } = this.#options;
    const head = await reader.head();
    const { position, instant } = this.#state!;
    if (head.position === position) return;
    if (head.instant === null || parsePosition(head.position)!.epoch !== parsePosition(position)!.epoch) {
      return this.#loadAgain(head, "epoch");
    }
    const instants = await reader.instants({ after: instant, until: head.instant, limit: MOST_STEPS + 1 });
    const isFar = instants.length > MOST_STEPS || instants.at(-1) !== head.instant;
    for (const step of isFar ? [head.instant] : instants) {
      const to: Resolved = step === head.instant ? { kind: "head", ...head } : await reader.resolve({ instant: step });
      if (to.kind === "gone") return this.#loadAgain(head, to.kind);
      const changes = await reader.changes(this.#state!.position, to.position, MOST_CHANGED);
      if (changes.kind !== "delta") return this.#loadAgain(head, changes.kind);
      await this.#advance({ ...changes, to: to.position }, to, isFar);
    }
  }

  #loadAgain(head: Head, why: string): Promise<void> {
    const { position } = this.#state!;
    this.#options.log.warn({ feed: this.feed.name, position, head: head.position, why }, "loading the feed again");
    return this.#load();
  }

  async #advance(
    delta: { to: Position; up: readonly Row[]; del: readonly string[] },
    at: Omit<Head, "position">,
    isLeap: boolean,
  ): Promise<void> {
    const state = this.#state!;
    const change = state.window.apply(delta.up, delta.del);
    await this.#refill(state.window, delta.to, change);
    // From here on without waiting: readers see the old position or the new one whole.
    const usual = this.#options.usual.usualAt(timeOfInstant(at.instant));
    // Between two hours it changes as rows do, for everybody alike. Within one it was read too late: who follows starts again.
    const isLate = usual !== state.usual && hourOf(timeOfInstant(at.instant)) === hourOf(timeOfInstant(state.instant));
    state.usual = usual;
    const derived = state.fold?.apply(change.removed, change.added, usual) ?? null;
    state.counts.apply(change.removed, change.added, state.window.rows, timeOfInstant(at.instant));
    state.failures?.apply(change.removed, change.added);
    if (isLeap) this.commitTimes.begin(at.instant);
    else if (at.instant !== null) this.commitTimes.note(at.instant);
    state.position = delta.to;
    state.instant = at.instant;
    state.committedAt = at.committedAt;
    state.rows = state.window.rows;
    state.floor = state.window.floor;
    this.preview.committed(change.up, change.del);
    this.#options.onFrames(this.#publish(change, derived, isLeap));
    if (isLate) this.#restartViews();
  }

  /** When rows left the window and memory has no more to follow them, the lake gives the next ones of the same position. */
  async #refill(window: HotWindow, position: Position, change: WindowChange): Promise<void> {
    const starved = window.starved;
    if (!starved) return;
    const { after, limit } = starved;
    const cursor = after && { eventTime: eventTimeOf(this.feed, after), key: keyOf(this.feed, after) };
    const query = { at: position, filter: EVERYTHING, limit, ...(cursor && { after: cursor }) };
    const answer = await this.#options.following.snapshot(query);
    if (answer.kind === "gone") throw new Error(`position ${position} went out of reach while its window was filled`);
    const more = window.refill(answer.rows, answer.rows.length === limit);
    change.up.push(...more.up);
    change.added.push(...more.added);
  }

  #publish(change: WindowChange, derived: Record<ViewName, FoldChange> | null, isLeap: boolean): Topic[] {
    const state = this.#state!;
    const shown = { ...standingOf(state), floor: state.floor, counts: state.counts.read() };
    const own = this.#topics.get(`feeds/${this.feed.name}`)!;
    own.advance(shown, change, isLeap);
    const moved = [own];
    if (!derived) return moved;
    const position = this.derivedPosition(state.position);
    const head = { ...shown, position, floor: null, counts: null };
    for (const { view, topic } of this.#viewTopics) {
      const { up, del } = derived[view];
      if (topic.advance(head, up.length + del.length > 0 ? derived[view] : null, isLeap)) moved.push(topic);
    }
    return moved;
  }
}

const standingOf = ({ position, instant, committedAt }: Standing): Standing => ({ position, instant, committedAt });
