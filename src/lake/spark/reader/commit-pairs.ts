/**
 * Which commits of log and state belong together. The log's instant L is the position; the state was written right after it, at
 * an instant S of its own, and both carry the same batch id. The embedded engine writes both under one instant, without an id.
 *
 * There is one writer, so the state's commit lies between two commits of the log. That order is known from the timelines
 * alone; the ids, a call for each commit, are compared once when the state of a position is read.
 */
import type { Instant } from "../../../model/instant";
import type { FeedSource, SparkTableName } from "./feed-source";
import { commitNotes, newestCommits, type CommitLine, type CommitNotes } from "./procedures";

/** A position that is on the active timelines. */
export interface CommitPair {
  instant: Instant;
  /** Commits of the state between this one of the log and the next, oldest first. Empty when the state has archived them. */
  candidates: readonly CommitLine[];
}

/** The two commits of one batch. */
export interface Tied {
  instant: Instant;
  state: CommitLine;
}

const NOTES_KEPT = 2_048;
/** Commits that are looked through for the newest position before all of them are. */
const FEW = 16;

export class CommitPairs {
  readonly #notes = new Map<string, Promise<CommitNotes | null>>();
  readonly #states = new Map<Instant, Instant>();
  #memo: { upTo: string; pairs: Promise<readonly CommitPair[]> } | null = null;

  constructor(private readonly source: FeedSource) {}

  /** The newest position: the newest commit of the state whose batch the log has. Null when there is none. */
  async newest(): Promise<Tied | null> {
    return (await this.#newestAmong(FEW)) ?? this.#newestAmong();
  }

  async #newestAmong(limit?: number): Promise<Tied | null> {
    const { spark, main, versions } = this.source;
    const states = wroteFiles(await newestCommits(spark, main, limit));
    if (versions === null || versions === main) {
      return states[0] ? { instant: states[0].instant, state: states[0] } : null;
    }
    // Asked after the state: what belongs to its commits is there.
    const logged = wroteFiles(await newestCommits(spark, versions, limit));
    for (const state of states) {
      const before = logged.find(({ instant }) => instant <= state.instant);
      if (before && (await this.#areOneBatch(before.instant, state.instant))) {
        this.#states.set(before.instant, state.instant);
        return { instant: before.instant, state };
      }
    }
    return null;
  }

  /** All positions up to the newest one that are on the active timelines, oldest first. */
  upTo(head: { instant: Instant; state: Instant }): Promise<readonly CommitPair[]> {
    const upTo = `${head.instant} ${head.state}`;
    if (this.#memo?.upTo !== upTo) {
      const pairs = this.#list(head);
      this.#memo = { upTo, pairs };
      pairs.catch(() => {
        if (this.#memo?.pairs === pairs) this.#memo = null;
      });
    }
    return this.#memo.pairs;
  }

  forget(): void {
    this.#memo = null;
  }

  /** The instant of the state that carries a position's batch; null when that cannot be told any more. */
  async stateOf({ instant, candidates }: CommitPair): Promise<Instant | null> {
    const known = this.#states.get(instant);
    if (known !== undefined) return known;
    // A batch is merged again when one before it was missing: the last time counts.
    for (const candidate of candidates.toReversed()) {
      if (!(await this.#areOneBatch(instant, candidate.instant))) continue;
      this.#states.set(instant, candidate.instant);
      if (this.#states.size > NOTES_KEPT) this.#states.delete(this.#states.keys().next().value!);
      return candidate.instant;
    }
    return null;
  }

  /** The writer tells what it has just committed. */
  tie(instant: Instant, state: Instant): void {
    this.#states.set(instant, state);
  }

  /** What a commit says of itself; null when it is archived. */
  notes(table: SparkTableName, instant: Instant): Promise<CommitNotes | null> {
    const key = `${table.path} ${instant}`;
    let notes = this.#notes.get(key);
    if (notes === undefined) {
      notes = commitNotes(this.source.spark, table, instant);
      this.#notes.set(key, notes);
      notes.catch(() => this.#notes.delete(key));
      if (this.#notes.size > NOTES_KEPT) this.#notes.delete(this.#notes.keys().next().value!);
    }
    return notes;
  }

  async #list(head: { instant: Instant; state: Instant }): Promise<readonly CommitPair[]> {
    const { spark, main, versions } = this.source;
    const states = wroteFiles(await newestCommits(spark, main)).filter(({ instant }) => instant <= head.state);
    states.reverse();
    if (versions === null || versions === main) {
      return states.map((state) => ({ instant: state.instant, candidates: [state] }));
    }
    const logged = wroteFiles(await newestCommits(spark, versions)).filter(({ instant }) => instant <= head.instant);
    return pairUp(logged.reverse(), states);
  }

  async #areOneBatch(logged: Instant, state: Instant): Promise<boolean> {
    if (logged === state) return true;
    const { main, versions } = this.source;
    const [ofLog, ofState] = await Promise.all([this.notes(versions!, logged), this.notes(main, state)]);
    return ofLog !== null && ofLog.batchId === ofState?.batchId;
  }
}

/** Both oldest first. A commit of the log that no commit of the state follows is a position only where the state was archived. */
export function pairUp(logged: readonly CommitLine[], states: readonly CommitLine[]): CommitPair[] {
  const pairs: CommitPair[] = [];
  const oldest = states[0]?.instant ?? "";
  let next = 0;
  for (const [i, { instant }] of logged.entries()) {
    const end = logged[i + 1]?.instant;
    while (next < states.length && states[next]!.instant < instant) next++;
    const candidates: CommitLine[] = [];
    while (next < states.length && (end === undefined || states[next]!.instant < end)) candidates.push(states[next++]!);
    if (candidates.length > 0 || instant < oldest) pairs.push({ instant, candidates });
  }
  return pairs;
}

/** Spark makes a commit even of nothing, and one without files for partitions that are dropped. */
const wroteFiles = (commits: readonly CommitLine[]): CommitLine[] => commits.filter(({ files }) => files > 0);
