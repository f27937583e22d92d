/**
 * What there is of a table that somebody else writes: the points at which it can be read, and how far back. It is looked at once
 * a second for all callers together, with the cheapest question that there is; everything is read again when that has another
 * answer, and now and then in any case, because a commit of another writer may complete behind the newest one.
 */
import type { Clock } from "../../../clock";
import type { Instant } from "../../../model/instant";
import { NOTHING, type AdoptedLook } from "../../adopted/source";
import { adoptedEpoch } from "../../hudi/adopted-epoch";
import { cutsOf, rewritten, type CompletedCommit } from "../../hudi/cuts";
import { newestClean, newestCommits, wholeTimeline } from "../reader/procedures";
import { SharedLook } from "../reader/shared-look";
import { isUnknownTable } from "../tables";
import { findAdopted, type AdoptedTable, type AdoptedTableOptions } from "./adopted-table";

export interface AdoptedCommit extends CompletedCommit {
  action: string;
}

export interface Look extends AdoptedLook {
  table: AdoptedTable | null;
  commits: readonly AdoptedCommit[];
  /** Commits that were begun and have not completed. */
  open: readonly Instant[];
  /** The oldest of them: Hudi refuses to go back to a time after it. */
  pending: Instant | null;
  /** What the cheap question answered. */
  newest: string;
  wholeAt: number;
}

const LOOK_MS = 1_000;
const WHOLE_MS = 10_000;
/** Columns may be added to a table under our eyes. */
const DESCRIBE_MS = 60_000;
/** Of more the epoch needs to know no more: it is another one. */
const MOST_REWRITTEN = 100;
const WRITES = new Set(["commit", "replacecommit", "deltacommit", "clustering"]);

const ABSENT: Look = { ...NOTHING, table: null, commits: [], open: [], pending: null, newest: "", wholeAt: -Infinity };

export class AdoptedTimeline {
  readonly #look: SharedLook<Look>;
  #table: { found: AdoptedTable; at: number } | null = null;
  #hasDuplicates = false;
  #last: Look | null = null;
  #reading: Promise<unknown> = Promise.resolve();
  #next: Promise<Look> | null = null;
  /** Commits that have contradicted what was told before. */
  #rewritten: Instant[] = [];

  constructor(
    private readonly options: AdoptedTableOptions,
    private readonly clock: Clock,
  ) {
    this.#look = new SharedLook((known) => this.#lookAgain(known), clock, LOOK_MS);
  }

  /** @throws AppError read-only when the table cannot be followed, engine-unavailable */
  look(): Promise<Look> {
    return this.#look.get();
  }

  get known(): Look | null {
    return this.#last;
  }

  /** A look that begins now and reads everything. */
  async whole(): Promise<Look> {
    const look = await this.#readNext();
    this.#look.tell(look);
    return look;
  }

  /** The same look when nothing was committed or cleaned since, else a new one. */
  async after(look: Look): Promise<Look> {
    if (look.table === null) return this.whole();
    const { name } = look.table;
    const [newest, clean] = await Promise.all([this.#newest(look.table), newestClean(this.options.spark, name)]);
    const isSame = newest === look.newest && (clean?.keptSince ?? null) === look.keptSince;
    return isSame ? look : this.whole();
  }

  /** Several rows share a key: rows that were told until now may be wrong, so that everybody starts again. */
  async tellDuplicates(): Promise<Look> {
    this.#hasDuplicates = true;
    return this.whole();
  }

  get hasDuplicates(): boolean {
    return this.#hasDuplicates;
  }

  async #lookAgain(known: Look | null): Promise<Look> {
    if (known === null || known.table === null || this.clock.now() - known.wholeAt >= WHOLE_MS) return this.#readNext();
    try {
      const newest = await this.#newest(known.table);
      return newest === known.newest ? known : await this.#readNext();
    } catch (error) {
      // A server that was started again has lost its catalog.
      if (isUnknownTable(error)) return this.#readNext();
      throw error;
    }
  }

  /** One after the other, so that each can be compared with the one before. Who asks while one runs gets the next. */
  #readNext(): Promise<Look> {
    if (this.#next !== null) return this.#next;
    const started = this.#reading.then(() => {
      this.#next = null;
      return this.#read();
    });
    this.#next = started;
    this.#reading = started.catch(() => undefined); // whoever asked is told
    return started;
  }

  async #newest({ name }: AdoptedTable): Promise<string> {
    const [line] = await newestCommits(this.options.spark, name, 1);
    return line === undefined ? "" : `${line.instant} ${line.completedAt}`;
  }

  async #described(): Promise<AdoptedTable | null> {
    const now = this.clock.now();
    if (this.#table !== null && now - this.#table.at < DESCRIBE_MS) return this.#table.found;
    const found = await findAdopted(this.options);
    this.#table = found && { found, at: now };
    return found;
  }

  async #read(): Promise<Look> {
    const wholeAt = this.clock.now();
    try {
      const table = await this.#described();
      if (table !== null) return await this.#readTable(table, wholeAt);
      this.#last = { ...ABSENT, wholeAt };
      return this.#last;
    } catch (error) {
      if (!isUnknownTable(error) || this.#table === null) throw error;
      this.#table = null;
      return this.#read();
    }
  }

  async #readTable(table: AdoptedTable, wholeAt: number): Promise<Look> {
    const { spark } = this.options;
    // In this order: what completes between the two is seen by the next look at the latest.
    const newest = await this.#newest(table);
    const [lines, clean] = await Promise.all([wholeTimeline(spark, table.name), newestClean(spark, table.name)]);
    const writes = lines.filter(({ action }) => WRITES.has(action));
    const commits = writes.filter(({ state }) => state === "COMPLETED");
    const open = writes.filter(({ state }) => state !== "COMPLETED").map(({ instant }) => instant);
    const { tellsCompletion } = table;
    const now = { completed: commits, pending: open };
    const last = this.#last?.table?.identity.join() === table.identity.join() ? this.#last : null;
    if (last) {
      const before = { completed: last.commits, pending: last.open };
      this.#rewritten = [...this.#rewritten, ...rewritten(before, now, tellsCompletion)].slice(-MOST_REWRITTEN);
    }
    const restores = lines.filter(({ action, state }) => action === "restore" && state === "COMPLETED");
    const epoch = adoptedEpoch({
      identity: table.identity,
      restores: restores.map(({ instant }) => instant),
      rewritten: this.#rewritten,
      isFolded: this.#hasDuplicates,
    });
    this.#last = {
      table,
      isAbsent: false,
      epoch,
      commits,
      open,
      cuts: cutsOf(now, tellsCompletion),
      pending: [...open].sort()[0] ?? null,
      keptSince: clean?.keptSince ?? null,
      newest,
      wholeAt,
    };
    return this.#last;
  }
}
