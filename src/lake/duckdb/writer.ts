/**
 * The embedded engine's writer of one feed: log and state under one instant.
 *
 * A commit loads the messages into DuckDB, drops those that the log has, decides per key what the state becomes, and
 * writes the files of both tables side by side. Order of effects: data files, then the log's commit, then the state's. What
 * stops before the log's commit is rolled back; what stops after it is finished from the log's own rows under the same
 * instant, at once if the fault passed, else before the next commit or at the next start.
 */
import type { Clock } from "../../clock";
import { nextInstant, type Instant } from "../../model/instant";
import type { Row } from "../../model/value";
import { DROP_OPERATION } from "../hudi/drops";
import { refuseBuckets } from "../hudi/layout";
import { assertNoneUnderWay, rollBackPending } from "../hudi/rollback";
import { newestFence, permitsFolder, refuseFenced, type WriteTerm } from "../hudi/fence";
import { WRITTEN_VERSION } from "../hudi/table-properties";
import type { TimelineInstant } from "../hudi/timeline";
import type { Commit, CommitRhythm, FeedWriter, Recovery, StagedFile } from "../writer";
import { canonicalRows } from "./batch";
import { maintainTable } from "./clean";
import { distinctRows, planState } from "./merge";
import { commitOf, joinCommits, type Attempt } from "./writer-attempt";
import { newestPosition, oldestVersion } from "./commit-index";
import { dropExpired } from "./retention";
import { lookUp, lookUpLogged } from "./writer-incoming";
import { indexLanding, land } from "./writer-landing";
import { tablesOf, writerParts, type WriterOptions, type WriterParts } from "./writer-parts";

/** Commits whose staged files recovery names. A staged file outlives its commit by moments, so the newest are enough. */
const COMMITS_SEARCHED = 50;

/** A gap of less would make more small files than pages can profit from. */
const RHYTHM: CommitRhythm = { gapMs: 500, rests: true };

export class EmbeddedWriter implements FeedWriter {
  readonly rhythm = RHYTHM;
  readonly #parts: WriterParts;
  readonly #retainMs: number;
  readonly #retentionClock: Clock;
  #queue: Promise<unknown> = Promise.resolve();
  #filled: Promise<void> | null = null;
  /** The fill that was begun last, also when it counts no more: two at a time would number the same groups. */
  #filling: Promise<void> = Promise.resolve();
  /** An attempt failed and the tables have not been put in order since. */
  #isBroken = false;
  #attempt: Attempt | null = null;
  /** A commit whose caller was told of a fault, and which was finished later. */
  #finished: Commit | null = null;
  /** The timelines' folders as they were after our last work. */
  #lastSeen: string | null = null;

  constructor(options: WriterOptions) {
    this.#parts = writerParts(options);
    this.#retainMs = options.retainMs;
    this.#retentionClock = options.retentionClock;
  }

  recover(): Promise<Recovery> {
    return this.#exclusive(async () => {
      this.#filled = null; // another process may have written since
      const { rolledBack, finished } = await this.#repair();
      return { committed: await this.#stagedNames(), rolledBack, finished };
    });
  }

  /** Beside commits and not in their queue: one that comes now waits for what is read already. */
  async prepare(): Promise<void> {
    const filled = this.#fillIndexes();
    await filled.catch(() => {
      if (this.#filled === filled) this.#filled = null;
    });
  }

  commit(files: readonly StagedFile[]): Promise<Commit | null> {
    return this.#exclusive(async () => {
      const startedAt = performance.now();
      const { feed, main } = this.#parts;
      refuseBuckets(main, feed.buckets);
      await this.#takeNotice();
      const arrived = (await Promise.all(files.map((file) => file.rows()))).flat();
      const rows = distinctRows(feed, canonicalRows(feed, arrived));
      const staged = files.map(({ name }) => name);
      const commit = rows.length === 0 ? null : await this.#land(rows, arrived.length, staged, startedAt);
      const earlier = this.#takeFinished();
      return earlier && commit ? joinCommits(feed, earlier, commit) : (commit ?? earlier);
    });
  }

  maintain(): Promise<Commit[]> {
    return this.#exclusive(async () => {
      await this.#takeNotice();
      await this.#undoLeftBehind();
      const earlier = this.#takeFinished();
      const dropped = await this.#dropExpired();
      await this.#maintain();
      return earlier === null ? dropped : [earlier, ...dropped];
    });
  }

  /** Waits for what was begun. Its own callers are told of faults. */
  async close(): Promise<void> {
    await Promise.allSettled([this.#queue, this.#filling]);
  }

  /** One at a time, in order of calls. */
  #exclusive<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#queue.then(async () => {
      const result = await work();
      // What was done stands. Without the times, the next call reads the tables again.
      this.#lastSeen = await this.#timelineTimes().catch(() => null);
      return result;
    });
    this.#queue = turn.catch(() => undefined); // the fault is the caller's; the queue goes on
    return turn;
  }

  /** Puts a fault behind us, and reads the tables again when another engine has written to them. */
  async #takeNotice(): Promise<void> {
    const term = this.#openTerm();
    if (this.#isBroken) await this.#repair();
    else if (this.#lastSeen !== (await this.#timelineTimes())) {
      const heads = () =>
        tablesOf(this.#parts)
          .map(({ head }) => head)
          .join();
      const before = heads();
      for (const table of tablesOf(this.#parts)) await table.refresh();
      if (heads() !== before) this.#filled = null;
    }
    await this.#refuseFenced(term);
  }

  /**
   * A writer that was stopped until its lease had ended may have begun a commit behind our repair of the tables: whatever is
   * pending between two commits of the one that holds the lease is of nobody who could complete it, or of another engine's writer, for
   * which the tables are as good as broken until it has ended.
   */
  async #undoLeftBehind(): Promise<void> {
    if (this.#openTerm() === null) return;
    for (const table of tablesOf(this.#parts)) if (await table.hasPendingWrites()) return void (await this.#repair());
  }

  /** Null where no other process writes. @throws AppError engine-unavailable while another may */
  #openTerm(): WriteTerm | null {
    const term = this.#parts.main.openTerm?.() ?? null;
    term?.assertHeld(0);
    return term;
  }

  async #refuseFenced(term: WriteTerm | null): Promise<void> {
    if (term === null) return;
    for (const table of tablesOf(this.#parts)) refuseFenced(await newestFence(table), term, table.properties.name);
  }

  /** Changes with every file that is made in a timeline's folder, as far as the storage tells times of folders. */
  async #timelineTimes(): Promise<string> {
    const { storage } = this.#parts.main;
    const folders = await Promise.all(tablesOf(this.#parts).map(({ folder }) => storage.stat(`${folder}/.hoodie`)));
    return folders.map((folder) => folder?.modifiedAt ?? "unknown").join();
  }

  #fillIndexes(): Promise<void> {
    if (this.#filled) return this.#filled;
    const filled = this.#filling.then(async () => {
      await this.#parts.keys.fill();
      await this.#parts.versions?.index.fill();
    });
    this.#filling = filled.catch(() => undefined); // told to whoever waits for it
    return (this.#filled = filled);
  }

  async #indexesReady(): Promise<void> {
    try {
      await this.#fillIndexes();
    } catch {
      this.#filled = null; // it was begun long ago, perhaps under a fault that passed: the second try's error counts
      await this.#fillIndexes();
    }
  }

  #takeFinished(): Commit | null {
    const finished = this.#finished;
    this.#finished = null;
    return finished;
  }

  /** From distinct canonical rows to a commit; null when the tables have them all. */
  async #land(
    rows: readonly Row[],
    arrived: number,
    staged: readonly string[],
    startedAt: number,
  ): Promise<Commit | null> {
    await this.#indexesReady();
    const { incoming, stored } = await lookUp(this.#parts, rows);
    if (incoming.length === 0) return null;
    const attempt: Attempt = {
      instant: this.#nextInstant(),
      from: newestPosition(this.#parts.log, this.#parts.main),
      rows,
      duplicates: arrived - incoming.length,
      incoming,
      plan: planState(incoming, stored),
      staged,
      startedAt,
    };
    this.#attempt = attempt;
    try {
      await this.#write(attempt, true);
    } catch (error) {
      const finished = await this.#afterFault();
      if (finished) return finished;
      this.#openTerm(); // that it ended explains whatever went wrong
      throw error;
    }
    this.#attempt = null;
    return commitOf(this.#parts, attempt);
  }

  #nextInstant(): Instant {
    const newest = tablesOf(this.#parts).flatMap(({ instants }) => instants.at(-1)?.instant ?? []);
    return nextInstant(this.#parts.clock.now(), newest.sort().at(-1) ?? null);
  }

  async #write(attempt: Attempt, withLog: boolean): Promise<void> {
    const landings = await land(this.#parts, attempt, withLog);
    try {
      for (const landing of landings) await indexLanding(this.#parts, landing);
    } catch {
      this.#filled = null; // the commit stands; the next one waits for indexes that are read anew
    }
    // Markers of a completed commit are in nobody's way; those that stay behind go with the next maintenance.
    await Promise.allSettled(landings.map(({ transaction }) => transaction.tidy()));
  }

  /**
   * Undoes what failed, or finishes it if the log has it already. When the fault is still there, that is left to the next
   * call: nobody sees half a commit meanwhile, for the state's commit is the last step.
   */
  async #afterFault(): Promise<Commit | null> {
    this.#isBroken = true;
    try {
      await this.#repair();
    } catch {
      return null; // the first fault is the one to report; `#isBroken` makes the next call begin here
    }
    return this.#takeFinished();
  }

  /** Puts the tables in order from what the disk says: pending commits are undone, half-made ones finished. */
  async #repair(): Promise<{ rolledBack: Instant[]; finished: Instant[] }> {
    this.#isBroken = true;
    const term = this.#openTerm();
    const rolledBack = new Set<Instant>();
    const { feed, main } = this.#parts;
    await main.storage.removeFolder(permitsFolder(main.folder, feed.name)); // Spark may have been at work until now
    for (const table of tablesOf(this.#parts)) await table.refresh();
    await this.#refuseFenced(term);
    for (const table of tablesOf(this.#parts)) {
      if (table.properties.version !== WRITTEN_VERSION) continue; // upgraded by another engine, which owns it now
      term?.assertHeld(0); // reading the tables may have taken longer than the lease lasted: what is pending is then not ours to undo
      // Heartbeat files have the machine's time, whatever the clock of commits says.
      for (const instant of await rollBackPending(table, Date.now())) rolledBack.add(instant);
      assertNoneUnderWay(table.folder, table.instants);
    }
    const attempt = this.#attempt;
    const finished = await this.#finishStates();
    this.#attempt = null;
    if (attempt !== null && this.#isComplete(attempt.instant)) {
      this.#filled = null; // the attempt did not come to its indexes
      this.#finished = await commitOf(this.#parts, attempt);
    }
    this.#isBroken = false;
    return { rolledBack: [...rolledBack].filter((instant) => !finished.includes(instant)).sort(), finished };
  }

  #isComplete(instant: Instant): boolean {
    return tablesOf(this.#parts).every((table) => table.completedWrites().some((done) => done.instant === instant));
  }

  /** Makes the state commits that the log is ahead by. */
  async #finishStates(): Promise<Instant[]> {
    const { feed, log, main } = this.#parts;
    const newest = await this.#newestOfState();
    const from = newestPosition(log, main);
    const ahead: TimelineInstant[] = [];
    for (const done of log?.completedWrites() ?? []) {
      if (done.action !== "commit" || (newest !== null && done.instant <= newest)) continue;
      // Spark makes a commit even of nothing.
      if ((await log!.commitMetadata(done)).writeStats.length > 0) ahead.push(done);
    }
    if (ahead.length > 0) refuseBuckets(main, feed.buckets);
    for (const done of ahead) {
      this.#filled = null;
      await this.#indexesReady();
      const { incoming, stored, staged } = await lookUpLogged(this.#parts, done);
      const plan = planState(incoming, stored);
      const { instant } = done;
      await this.#write({ instant, from, rows: [], duplicates: 0, incoming, plan, staged, startedAt: 0 }, false);
    }
    return ahead.map(({ instant }) => instant);
  }

  /** Columns that Spark adds, and rows that leave for their age, are commits that say nothing of what the log has. */
  async #newestOfState(): Promise<Instant | null> {
    const { main } = this.#parts;
    for (const done of main.completedWrites().reverse()) {
      const { operationType } = await main.commitMetadata(done);
      if (operationType !== "ALTER_SCHEMA" && operationType !== DROP_OPERATION) return done.instant;
    }
    return main.drops.at(-1)?.instant ?? null; // all before it has left the timeline
  }

  async #stagedNames(): Promise<Set<string>> {
    const table = this.#parts.versions?.table ?? this.#parts.main;
    const commits = table.completedWrites().slice(-COMMITS_SEARCHED);
    const staged = await Promise.all(commits.map(async (done) => (await table.commitMetadata(done)).extra));
    return new Set(
      staged.flatMap((extra) => (extra.get("weir_staged") ?? "").split(",")).filter((name) => name !== ""),
    );
  }

  async #dropExpired(): Promise<Commit[]> {
    const { main, keys, versions } = this.#parts;
    let dropped;
    try {
      dropped = await dropExpired(this.#parts, this.#retentionClock.now(), () => this.#nextInstant());
    } catch (error) {
      this.#isBroken = true; // whoever comes next finds out how far it came
      throw error;
    }
    if (dropped === null) return [];
    try {
      await this.#indexesReady();
      await keys.forgetPartitions(dropped.partitions);
      if (versions?.table === main) await versions.index.forgetPartitions(dropped.partitions);
    } catch {
      this.#filled = null; // the drop stands; the next commit waits for indexes that are read anew
    }
    return dropped.commit === null ? [] : [dropped.commit];
  }

  /** The greatest number of a lease that the tables carry. */
  async newestFence(): Promise<number> {
    return Math.max(...(await Promise.all(tablesOf(this.#parts).map(newestFence))));
  }

  async #maintain(): Promise<void> {
    const { feed, log, main, keys, versions } = this.#parts;
    const rules = {
      now: this.#retentionClock.now(),
      oldestVersion: () => oldestVersion(versions?.table ?? null),
      retainMs: this.#retainMs,
      nextInstant: () => this.#nextInstant(),
      beforeDrop: () => this.#indexesReady(),
    };
    if (log !== null) {
      const gone = await maintainTable(log, { ...rules, partitionsOlderThanMs: feed.historyMs });
      await versions!.index.forgetPartitions(gone);
    }
    this.#openTerm();
    const gone = await maintainTable(main, { ...rules, partitionsOlderThanMs: null });
    await keys.forgetPartitions(gone);
    if (versions?.table === main) await versions.index.forgetPartitions(gone);
  }
}
