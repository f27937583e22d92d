/**
 * Which files hold the rows of a snapshot: the state's slices while they are kept, the log beyond that, else a pin. Only files
 * that may hold what is asked for are named.
 */
import { MAX_AHEAD_MS, partitionValue } from "../../model/feed";
import type { Filter } from "../../model/filter";
import { instantAt, timeOf, type Instant } from "../../model/instant";
import { partitionCreated, type FileSlice } from "../hudi/table";
import { isInPin } from "../pins/pin-files";
import type { SnapshotQuery } from "../reader";
import { literal } from "./column-types";
import { firstCommit, keptSince, lastCommit } from "./commit-index";
import { both, countedVersions } from "./drop-rule";
import { byArrival } from "./log-fold";
import type { ReaderParts } from "./reader-parts";
import { FILE_INDEX } from "./scan-files";
import { unknownQuery } from "./snapshot-sql";

/** A file group that is cut by the instant, versions that lose: so many more rows are read than are wanted. */
const SPARE_ROWS = 20_000;

/** Where the rows of a snapshot are. */
export type Plan =
  | { from: "nothing" }
  | { from: "state"; slices: readonly FileSlice[] }
  | { from: "pin"; slices: readonly FileSlice[]; instant: Instant }
  | { from: "log"; slices: readonly FileSlice[]; instant: Instant; pruned: boolean; versions: string | null };

export class SnapshotPlanner {
  readonly #parts: ReaderParts;
  readonly #createdAt = new Map<string, Promise<Instant>>();

  constructor(parts: ReaderParts) {
    this.#parts = parts;
  }

  #pinned(instant: Instant | "0"): Plan | null {
    const { pins } = this.#parts;
    return pins.get(instant) === null ? null : { from: "pin", slices: [pins.slice(instant)], instant };
  }

  /**
   * A time from which on there are probably as many rows as the query wants: only the files that reach so far need to be
   * folded then. Null where all of them would be, or nothing can be told.
   */
  async guessedFrom(instant: Instant | "0", { filter, limit, after }: SnapshotQuery): Promise<number | null> {
    if (instant === "0" || this.#parts.versions === null || after !== undefined) return null;
    if (filter.to !== null || filter.text !== null || filter.columns.length > 0) return null;
    if (this.stateSlices(instant) !== null) return null;
    const bounds = await this.#parts.bounds.of(await this.#decidingSlices(instant, filter));
    bounds.sort((a, b) => b.latest - a.latest);
    let wanted = limit * 1.25 + SPARE_ROWS;
    for (const { latest, rows } of bounds) {
      if (wanted <= 0) return latest + 1;
      if (rows === null) return null;
      wanted -= rows;
    }
    return null;
  }

  /** Whether rows that were read from a pin are the whole answer. */
  isInPin(instant: Instant, query: SnapshotQuery, found: number): boolean {
    const pin = this.#parts.pins.get(instant);
    return pin !== null && isInPin(pin, query, found);
  }

  /**
   * Which files answer a filter at an instant; null when they are no longer kept.
   *
   * @param prune false: every file of the log, for when those that seemed to decide were not enough
   */
  async plan(instant: Instant | "0", filter: Filter, { prune } = { prune: true }): Promise<Plan | null> {
    return (await this.#ofTables(instant, filter, prune)) ?? this.#pinned(instant);
  }

  async #ofTables(instant: Instant | "0", filter: Filter, prune: boolean): Promise<Plan | null> {
    if (instant === "0") return { from: "nothing" };
    const head = this.#parts.commits.head();
    if (head === null || instant > head.instant) return null;
    const slices = this.stateSlices(instant);
    if (slices !== null) {
      const found = slices.filter(({ partition }) => this.#mayHold(partition, filter));
      return found.length === 0 ? { from: "nothing" } : { from: "state", slices: found };
    }
    const reach = this.#parts.commits.reach();
    if (this.#parts.versions === null || reach === null || instant < reach) return null;
    const logged = this.logSlices(instant);
    const needed = prune ? await this.#decidingSlices(instant, filter) : logged;
    const pruned = needed.length < logged.length;
    if (!(await this.#isComplete(instant, reach, filter))) {
      return this.#planWithState(instant, reach, filter, needed, pruned);
    }
    if (needed.length === 0) return { from: "nothing" };
    const versions = countedVersions(this.#parts.feed, this.#parts.main.drops, instant);
    return { from: "log", slices: needed, instant, pruned, versions };
  }

  /**
   * For events whose versions left the log: what the state still holds of them was committed before the log's reach, and is
   * therefore what they were at the instant. Null when one of them changed after the instant, because what it was is gone.
   */
  async #planWithState(
    instant: Instant,
    reach: Instant,
    filter: Filter,
    logged: readonly FileSlice[],
    pruned: boolean,
  ): Promise<Plan | null> {
    const kept = this.#parts.main.slicesOfGroups(instant);
    if (this.#isMissing(instant, reach, filter, kept)) return null;
    const state = kept.filter(({ partition }) => this.#mayHold(partition, filter));
    const slices = [...logged, ...state];
    const isVersion = `(${FILE_INDEX} < ${logged.length} OR _hoodie_commit_time < ${literal(reach)})`;
    const versions = both(isVersion, countedVersions(this.#parts.feed, this.#parts.main.drops, instant))!;
    const later = this.#parts.versions!.slices().filter((slice) => lastCommit(slice) > instant);
    if (later.length > 0) {
      const before = { ...filter, to: Math.min(filter.to ?? Infinity, timeOf(reach) + MAX_AHEAD_MS) };
      const isUnknown = await this.#parts.engine.read(async (connection) => {
        const known = slices.length === 0 ? null : await this.#parts.scanner.source(connection, slices);
        const newer = await this.#parts.scanner.source(connection, later);
        const result = await connection.run(
          unknownQuery(this.#parts.feed, known, newer, { instant, versions, before }),
        );
        return (await result.getRowsJS()).length > 0;
      });
      if (isUnknown) return null;
    }
    if (slices.length === 0) return { from: "nothing" };
    return { from: "log", slices, instant, pruned, versions };
  }

  /** The slices that are the state at an instant, null when they are not all kept (or there is no state table). */
  stateSlices(instant: Instant): readonly FileSlice[] | null {
    if (this.#parts.feed.writeMode === "append") return null;
    if (instant === this.#parts.commits.head()?.instant) return this.#parts.main.slices();
    const kept = keptSince(this.#parts.main);
    const state = this.#parts.commits.stateInstant(instant);
    return kept === null || state >= kept ? this.#parts.main.slices(state) : null;
  }

  /** The groups of the log until an instant, in order of arrival. */
  logSlices(until: Instant): FileSlice[] {
    return this.#parts
      .versions!.slicesOfGroups(until)
      .filter((slice) => firstCommit(slice) <= until)
      .sort(byArrival);
  }

  /** Whether a partition of the state may hold rows of the filter's times. Other schemes than ours are never skipped. */
  #mayHold(partition: string, { from, to }: Pick<Filter, "from" | "to">): boolean {
    const { partitionColumn, granularity } = this.#parts.feed;
    if (!partition.startsWith(`${partitionColumn}=`)) return true;
    const value = partition.slice(partitionColumn.length + 1);
    if (from !== null && value < partitionValue(granularity, from)) return false;
    return to === null || value <= partitionValue(granularity, to);
  }

  /** Slices of the log until an instant that may hold versions with event times or ordering values from `from` on. */
  async #decidingSlices(until: Instant, { from }: Pick<Filter, "from">): Promise<FileSlice[]> {
    const logged = this.logSlices(until);
    if (from === null) return logged;
    const near = logged.filter((slice) => lastCommit(slice) >= instantAt(from - MAX_AHEAD_MS));
    const bounds = await this.#parts.bounds.of(near);
    return near.filter((_, i) => bounds[i]!.latest >= from);
  }

  /**
   * Whether the log has all versions of the events that the filter asks for. It has when nothing was removed from it since
   * their partition of the state came to be, or when they happened later than a day after its first commit.
   */
  async #isComplete(instant: Instant, reach: Instant, filter: Filter): Promise<boolean> {
    if (this.#parts.versions === this.#parts.main) return true;
    for (const [partition, created] of this.#leftSince(instant)) {
      if (created < reach && this.#mayHold(partition, filter)) return false;
    }
    const safe = partitionValue(this.#parts.feed.granularity, timeOf(reach) + MAX_AHEAD_MS);
    const prefix = `${this.#parts.feed.partitionColumn}=`;
    for (const partition of this.#parts.main.partitions) {
      if (!this.#mayHold(partition, filter)) continue;
      if (partition.startsWith(prefix) && partition.slice(prefix.length) > safe) continue;
      if ((await this.#partitionCreated(partition)) < reach) return false;
    }
    return true;
  }

  /** Partitions of which rows left for their age after an instant, and when those were made. */
  #leftSince(instant: Instant): [string, Instant][] {
    const later = this.#parts.main.drops.filter((drop) => drop.instant > instant);
    return later.flatMap(({ partitions }) => [...partitions]);
  }

  /** Whether rows of the instant that left later, and of which the log has not everything, are gone from the disk too. */
  #isMissing(instant: Instant, reach: Instant, filter: Filter, kept: readonly FileSlice[]): boolean {
    const there = new Set(kept.map(({ partition }) => partition));
    return this.#leftSince(instant).some(
      ([partition, created]) => created < reach && this.#mayHold(partition, filter) && !there.has(partition),
    );
  }

  #partitionCreated(partition: string): Promise<Instant> {
    let created = this.#createdAt.get(partition);
    if (created === undefined) {
      created = partitionCreated(this.#parts.main, partition);
      created.catch(() => this.#createdAt.delete(partition));
      this.#createdAt.set(partition, created);
    }
    return created;
  }
}
