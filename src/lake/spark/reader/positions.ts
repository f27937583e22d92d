/**
 * Which positions there are, and from where each can be read. What is on the active timelines comes from Hudi's procedures,
 * older positions from the rows of the log. Whatever may change by itself (the head, what cleaners take) is looked at once a
 * second for all callers together.
 */
import type { Clock } from "../../../clock";
import { timeOf, type Instant } from "../../../model/instant";
import type { Drop } from "../../hudi/drops";
import type { TableDrops } from "../../hudi/table-drops";
import { CommitPairs, type CommitPair } from "./commit-pairs";
import { hasState, type FeedSource } from "./feed-source";
import { dayOf, OldCommits } from "./old-commits";
import { newestClean, newestCommits } from "./procedures";
import { SharedLook } from "./shared-look";

/** The newest position, with the commit of the state that carries it. */
export interface HeadCommit {
  instant: Instant;
  state: Instant;
  /** Epoch ms. */
  committedAt: number;
  /** A later commit of the state that changed no row and gave it columns: reading it gives the same rows with all of them. */
  widened?: Instant;
}

interface HeadLook {
  /** The newest commit of the state's timeline, which need not be a position. */
  newest: Instant | null;
  head: HeadCommit | null;
}

/** What the state's cleaner has taken, or is about to. */
export interface StateClean {
  instant: Instant | null;
  /** Slices are kept from this commit on; null = all. */
  keptSince: Instant | null;
}

/** What was removed from the log: changes when something was. */
export interface Removals {
  clean: Instant | null;
  /** Newest commit that dropped or rewrote partitions. */
  replaced: Instant | null;
  /** Commits until here were looked at. */
  until: Instant | null;
}

/** A commit of the state that can be read, by what was known of its cleaner. */
export interface ReadableState {
  state: Instant;
  clean: StateClean;
}

const LOOK_MS = 1_000;
/** Whenever there is a newer commit they are looked at too. */
const DROPS_LOOK_MS = 30_000;
/** Commits of the log that are looked through for what they removed; all of them where that is not enough. */
const FEW = 16;

export class Positions {
  readonly pairs: CommitPairs;
  readonly #old: OldCommits;
  readonly #head: SharedLook<HeadLook>;
  readonly #clean: SharedLook<StateClean>;
  readonly #removals: SharedLook<Removals>;
  readonly #drops: SharedLook<readonly Drop[]>;
  /** Commits of the state until here lack columns that the feed has now. */
  #narrowUntil: Instant | null = null;

  constructor(
    private readonly source: FeedSource,
    /** By which rows have left the main table for their age. */
    drops: TableDrops,
    clock: Clock,
    /** Awaited when commits were taken back: positions are of another epoch from then on. */
    private readonly onRestored: () => Promise<void>,
  ) {
    this.pairs = new CommitPairs(source);
    this.#old = new OldCommits(source);
    this.#head = new SharedLook((known) => this.#lookAtHead(known), clock, LOOK_MS);
    this.#clean = new SharedLook(() => this.#lookAtClean(), clock, LOOK_MS);
    this.#removals = new SharedLook((known) => this.#lookAtRemovals(known), clock, LOOK_MS);
    // Of a feed that lets no row go there are at most those from before it kept all.
    const everyMs = source.feed.retentionMs === null ? Infinity : DROPS_LOOK_MS;
    this.#drops = new SharedLook(() => drops.all(), clock, everyMs);
  }

  async head(): Promise<HeadCommit | null> {
    return (await this.#head.get()).head;
  }

  /** The head, looked at again when a position is asked for that lies after it. */
  async headFrom(instant: Instant | "0"): Promise<HeadCommit | null> {
    const head = await this.head();
    if (instant === "0" || (head !== null && instant <= head.instant)) return head;
    return (await this.#head.again()).head;
  }

  /** Looks for a newer head. */
  async lookAgain(): Promise<void> {
    await this.#head.again();
  }

  /** The writer has committed. */
  committed(head: HeadCommit): void {
    this.pairs.tie(head.instant, head.state);
    this.#head.tell({ newest: head.state, head });
  }

  /** The writer has cleaned, archived or dropped what is old, or let rows go. */
  maintained(): void {
    this.#clean.forget();
    this.#removals.forget();
    this.#drops.forget();
    this.pairs.forget();
  }

  /** By which rows have left for their age, oldest first: each is a position, and a commit of the state alone. */
  drops(): Promise<readonly Drop[]> {
    return this.#drops.get();
  }

  /** Whether rows have left since a look at the drops. */
  async isDroppedSince(before: readonly Drop[]): Promise<boolean> {
    if (this.source.feed.retentionMs === null) return false;
    return (await this.#drops.again()).at(-1)?.instant !== before.at(-1)?.instant;
  }

  /** No version that is kept was committed before; null when there is none. */
  async oldestVersion(): Promise<Instant | null> {
    if (this.source.versions === null) return (await this.recent())[0]?.instant ?? null;
    await this.#removals.get();
    return this.#old.oldest();
  }

  /** Positions of the active timelines, oldest first. */
  async recent(): Promise<readonly CommitPair[]> {
    const head = await this.head();
    if (head === null) return [];
    const pairs = await this.pairs.upTo(head);
    const first = pairs[0]?.instant ?? head.instant;
    const drops = (await this.drops()).filter(({ instant }) => instant >= first && instant <= head.instant);
    if (drops.length === 0) return pairs;
    return [...pairs, ...drops.map(asPair)].sort((a, b) => (a.instant < b.instant ? -1 : 1));
  }

  /** The commit of the state that carries a position and whose slices are all there; null when the log is to be read. */
  async readableState(instant: Instant): Promise<ReadableState | null> {
    if (!hasState(this.source)) return null;
    const head = await this.headFrom(instant);
    const clean = await this.#clean.get();
    const isKept = (state: Instant) => (clean.keptSince === null || state >= clean.keptSince) && this.#isWide(state);
    if (head?.instant === instant) {
      const state = head.widened ?? head.state;
      return isKept(state) ? { state, clean } : null;
    }
    const pair = await this.#pairAt(instant);
    if (pair === null || !pair.candidates.some((candidate) => isKept(candidate.instant))) return null;
    const state = await this.pairs.stateOf(pair);
    return state !== null && isKept(state) ? { state, clean } : null;
  }

  /** Spark reads a commit with the columns that its table had then: a commit of the state has turned out to lack some. */
  lacksColumns(state: Instant): void {
    if (this.#isWide(state)) this.#narrowUntil = state;
  }

  #isWide(state: Instant): boolean {
    return this.#narrowUntil === null || state > this.#narrowUntil;
  }

  /** Whether the state's cleaner has been at work, or is, since a look of it. */
  async isCleanedSince(clean: StateClean): Promise<boolean> {
    return (await this.#clean.again()).instant !== clean.instant;
  }

  removals(): Promise<Removals> {
    return this.#removals.get();
  }

  /** Whether anything was removed from the log since a look at it. */
  async isRemovedSince(before: Removals): Promise<boolean> {
    return !sameRemovals(before, await this.#removals.again());
  }

  /** The oldest position that can be read; null before the first commit. */
  async reach(): Promise<Instant | null> {
    const pairs = await this.recent();
    const { keptSince } = await this.#clean.get();
    const newest = pairs.at(-1);
    if (newest === undefined) return null;
    const isKept = ({ candidates }: CommitPair) =>
      candidates.length > 0 &&
      (keptSince === null || candidates[0]!.instant >= keptSince) &&
      this.#isWide(candidates[0]!.instant);
    const ofState = hasState(this.source) ? (pairs.find(isKept)?.instant ?? newest.instant) : newest.instant;
    if (this.source.versions === null) return ofState;
    await this.#removals.get();
    const logged = await this.#old.oldest();
    const oldest = logged !== null && logged < ofState ? logged : ofState;
    if (hasState(this.source)) return oldest;
    // What the one table of an append feed let go of is nowhere else.
    const last = (await this.drops()).findLast(({ instant }) => instant <= newest.instant)?.instant ?? oldest;
    return last > oldest ? last : oldest;
  }

  /** The newest position at or before an instant that can be read, or null. */
  async floor(instant: Instant): Promise<Instant | null> {
    const reach = await this.reach();
    if (reach === null || instant < reach) return null;
    const pairs = await this.recent();
    const found = pairs.findLast((pair) => pair.instant <= instant);
    if (found || this.source.versions === null) return found?.instant ?? null;
    const drop = (await this.drops()).findLast((known) => known.instant <= instant && known.instant >= reach);
    const first = dayOf(drop?.instant ?? reach);
    for (let day = dayOf(instant); day >= first; day--) {
      const newest = (await this.#old.ofDay(day, instant)).at(-1);
      if (newest !== undefined) return drop !== undefined && drop.instant > newest ? drop.instant : newest;
    }
    return drop?.instant ?? null;
  }

  /** Positions in `(after, until]` that can be read, oldest first, at most `limit`. */
  async between(after: Instant | null, until: Instant, limit: number): Promise<Instant[]> {
    const reach = await this.reach();
    if (reach === null) return [];
    const pairs = await this.recent();
    const first = pairs[0]!.instant;
    const isIn = (instant: Instant) => (after === null || instant > after) && instant <= until && instant >= reach;
    const found: Instant[] = [];
    if (this.source.versions !== null && reach < first) {
      const end = until < first ? until : first;
      const start = after !== null && after > reach ? after : reach;
      for (let day = dayOf(start); day <= dayOf(end) && found.length < limit; day++) {
        for (const instant of await this.#old.ofDay(day, end))
          if (isIn(instant) && instant < first) found.push(instant);
      }
    }
    for (const { instant } of await this.drops()) if (isIn(instant) && instant < first) found.push(instant);
    for (const { instant } of pairs) if (isIn(instant)) found.push(instant);
    return found.sort().slice(0, limit);
  }

  /** When the commit of a position completed, epoch ms. Beyond the timeline only its instant is left, when it was requested. */
  async committedAt(instant: Instant): Promise<number> {
    const head = await this.head();
    if (head?.instant === instant) return head.committedAt;
    const drop = (await this.drops()).find((known) => known.instant === instant);
    if (drop !== undefined) return drop.committedAt;
    const pair = await this.#pairAt(instant);
    const state = pair && (await this.pairs.stateOf(pair));
    if (pair === null || state === null) return timeOf(instant);
    const onTimeline = pair.candidates.find((candidate) => candidate.instant === state);
    return onTimeline === undefined ? timeOf(instant) : this.#completedAt(instant, onTimeline);
  }

  async #completedAt(instant: Instant, state: { instant: Instant; completedAt: number | null }): Promise<number> {
    const notes = await this.pairs.notes(this.source.main, state.instant);
    return notes?.committedAt ?? state.completedAt ?? timeOf(instant);
  }

  async #pairAt(instant: Instant): Promise<CommitPair | null> {
    return (await this.recent()).find((pair) => pair.instant === instant) ?? null;
  }

  async #lookAtHead(known: HeadLook | null): Promise<HeadLook> {
    const { spark, main } = this.source;
    const [line] = await newestCommits(spark, main, 1);
    const newest = line?.instant ?? null;
    if (known !== null && known.newest === newest) return known;
    if (known?.newest != null && (newest === null || newest < known.newest)) {
      this.pairs.forget();
      await this.onRestored();
    }
    const tied = newest === null ? null : await this.pairs.newest();
    const drops = this.source.feed.retentionMs === null ? await this.#drops.get() : await this.#drops.again();
    const drop = drops.findLast((known) => newest !== null && known.instant <= newest);
    // What it says was not to be read yet: the next look is not to take this one's head for its.
    const isUnread = line?.action === "replacecommit" && drop?.instant !== newest;
    const seen = isUnread ? (known?.newest ?? null) : newest;
    const head =
      drop !== undefined && (tied === null || drop.instant > tied.state.instant)
        ? { instant: drop.instant, state: drop.instant, committedAt: drop.committedAt }
        : tied && {
            instant: tied.instant,
            state: tied.state.instant,
            committedAt: await this.#completedAt(tied.instant, tied.state),
          };
    if (head === null || newest === head.state) return { newest: seen, head };
    const widened = await this.#widened(head.state);
    return { newest: seen, head: widened === null ? head : { ...head, widened } };
  }

  /** The newest commit after one of the state, if none of them changed a row. */
  async #widened(state: Instant): Promise<Instant | null> {
    const { spark, main } = this.source;
    const later = (await newestCommits(spark, main, FEW)).filter(({ instant }) => instant > state);
    const changesNothing = later.every(({ action, files }) => action === "commit" && files === 0);
    return changesNothing && later.length < FEW ? (later[0]?.instant ?? null) : null;
  }

  async #lookAtClean(): Promise<StateClean> {
    const { spark, main } = this.source;
    const clean = await newestClean(spark, main);
    return { instant: clean?.instant ?? null, keptSince: clean?.keptSince ?? null };
  }

  async #lookAtRemovals(known: Removals | null): Promise<Removals> {
    const { spark, versions } = this.source;
    if (versions === null) return { clean: null, replaced: null, until: null };
    const clean = await newestClean(spark, versions);
    let commits = await newestCommits(spark, versions, FEW);
    const oldest = commits.at(-1);
    if (commits.length === FEW && (known?.until == null || oldest!.instant > known.until)) {
      commits = await newestCommits(spark, versions);
    }
    const replaced = commits.find(({ action }) => action === "replacecommit")?.instant ?? known?.replaced ?? null;
    const found = { clean: clean?.instant ?? null, replaced, until: commits[0]?.instant ?? null };
    if (known !== null && !sameRemovals(known, found)) this.#old.forget();
    return found;
  }
}

/** A position that the state alone carries, under the same instant. */
const asPair = ({ instant, committedAt }: Drop): CommitPair => ({
  instant,
  candidates: [{ instant, action: "replacecommit", completedAt: committedAt, files: 0 }],
});

const sameRemovals = (a: Removals, b: Removals): boolean => a.clean === b.clean && a.replaced === b.replaced;
