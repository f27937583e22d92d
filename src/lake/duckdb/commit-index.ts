/**
 * Which commits there were. The newest are on the timelines of both tables; older ones, whose timeline was archived, are
 * found in the log's rows: the file groups of a log are in the order of commits, so that few files need to be asked.
 */
import { instantAt, timeOf, type Instant } from "../../model/instant";
import { fileIdTime } from "../hudi/base-file";
import type { FileSlice, HudiTable } from "../hudi/table";
import { isWrite, type TimelineInstant } from "../hudi/timeline";
import { literal } from "./column-types";
import type { Engine } from "./connection";

/** Files whose commit times are remembered; a file never changes. */
const FILES_KEPT = 4_096;
/** Of which they are asked together: a question of its own for each takes ten times as long. */
const FILES_AT_ONCE = 64;

/** A position that is on the active timelines. */
export interface TiedCommit extends TimelineInstant {
  /**
   * The state's commit that carries it. The same instant for commits of ours; Spark gives each table an instant of its own, and
   * the position is the log's.
   */
  stateInstant: Instant;
}

export class CommitIndex {
  readonly #times = new Map<string, Promise<readonly Instant[]>>();
  #memo: { main: unknown; log: unknown; commits: readonly TiedCommit[] } | null = null;

  /**
   * @param main table of the state, or the one table of an append feed
   * @param log the table with all versions: the log, or `main` again for an append feed; null for feeds without history
   */
  constructor(
    readonly engine: Engine,
    readonly main: HudiTable,
    readonly log: HudiTable | null,
    private readonly beginnings: Beginnings = new Map(),
  ) {}

  /** Completed commits of the active timelines that both tables have, oldest first. */
  recent(): readonly TiedCommit[] {
    const { main, log } = this;
    const memo = this.#memo;
    if (memo && memo.main === main.instants && memo.log === log?.instants) return memo.commits;
    const commits = tiedCommits(log, main);
    this.#memo = { main: main.instants, log: log?.instants, commits };
    return commits;
  }

  head(): TiedCommit | null {
    return this.recent().at(-1) ?? null;
  }

  /** The instant of the state's commit that carries a position; the position's own where they are the same or it is archived. */
  stateInstant(instant: Instant): Instant {
    return this.recent().find((commit) => commit.instant === instant)?.stateInstant ?? instant;
  }

  /** The oldest instant whose state can be told, from slices or from the log; null before the first commit. */
  reach(): Instant | null {
    const commits = this.recent();
    if (commits.length === 0) return null;
    const isFolded = this.log === this.main; // an append feed: no slice is a state
    const kept = isFolded ? null : keptSince(this.main);
    const newest = commits.at(-1)!.instant;
    let oldest = isFolded
      ? newest
      : (commits.find(({ stateInstant }) => kept === null || stateInstant >= kept)?.instant ?? newest);
    for (const slice of this.log?.slices() ?? []) {
      const first = this.#beginningOf(slice);
      if (first < oldest) oldest = first;
    }
    // What an append feed let go of is nowhere else.
    const gone = isFolded ? this.main.replacedUntil() : null;
    return gone !== null && gone > oldest ? gone : oldest;
  }

  /** The newest commit at or before `instant` that can be read, or null. */
  async floor(instant: Instant): Promise<Instant | null> {
    const reach = this.reach();
    if (reach === null || instant < reach) return null;
    const commits = this.recent();
    const found = commits.findLast((commit) => commit.instant <= instant);
    if (found || this.log === null) return found?.instant ?? null;
    let best = this.main.drops.findLast((drop) => drop.instant <= instant)?.instant ?? null;
    for (const slice of this.#newestFirst(instant)) {
      if (best !== null && lastCommit(slice) <= best) continue;
      const time = (await this.#timesOf(slice)).findLast((t) => t <= instant);
      if (time !== undefined && (best === null || time > best)) best = time;
    }
    return best;
  }

  async has(instant: Instant): Promise<boolean> {
    return (await this.floor(instant)) === instant;
  }

  /** Commits in `(after, until]` that can be read, oldest first, at most `limit`. */
  async between(after: Instant | null, until: Instant, limit: number): Promise<Instant[]> {
    const reach = this.reach();
    if (reach === null) return [];
    const isIn = (instant: Instant) => (after === null || instant > after) && instant <= until && instant >= reach;
    const commits = this.recent();
    const first = commits[0]!.instant;
    const found = new Set<Instant>();
    if (this.log !== null && (after === null || after < first)) {
      const older = this.#newestFirst(until).reverse();
      const needed = older.filter((slice) => after === null || lastCommit(slice) > after);
      for (const [i, slice] of needed.entries()) {
        // Groups are in the order of their first commits: all that is still to come is later than what is needed.
        if (found.size >= limit && firstCommit(slice) > [...found].sort()[limit - 1]!) break;
        if (i % FILES_AT_ONCE === 0) this.#readTimes(needed.slice(i, i + FILES_AT_ONCE));
        for (const time of await this.#timesOf(slice)) if (isIn(time) && time < first) found.add(time);
      }
    }
    for (const { instant } of [...this.main.drops, ...commits]) if (isIn(instant)) found.add(instant);
    return [...found].sort().slice(0, limit);
  }

  #beginningOf({ fileId, partition }: FileSlice): Instant {
    const named = fileIdTime(fileId);
    return named === null ? (this.beginnings.get(fileId) ?? dayOf(partition)) : instantAt(named);
  }

  /** The log's groups that began at or before an instant, those that began last first. */
  #newestFirst(instant: Instant): FileSlice[] {
    const slices = this.log!.slices().filter((slice) => firstCommit(slice) <= instant);
    return slices.sort((a, b) => (firstCommit(a) < firstCommit(b) ? 1 : -1));
  }

  #timesOf(slice: FileSlice): Promise<readonly Instant[]> {
    this.#readTimes([slice]);
    return this.#times.get(slice.path)!;
  }

  /** Begins to read the commit times of those files of which they are not known. */
  #readTimes(slices: readonly FileSlice[]): void {
    const unknown = slices.filter(({ path }) => !this.#times.has(path));
    if (unknown.length === 0) return;
    const found = this.#commitTimes(unknown.map(({ path }) => path));
    for (const [i, { path }] of unknown.entries()) {
      const times = found.then((all) => all[i]!);
      times.catch(() => this.#times.delete(path));
      this.#times.set(path, times);
    }
    while (this.#times.size > FILES_KEPT) this.#times.delete(this.#times.keys().next().value!);
  }

  /** The commit times in each of some files, ascending. */
  #commitTimes(paths: readonly string[]): Promise<Instant[][]> {
    const files = paths.map((path) => literal(this.log!.storage.locate(path))).join(", ");
    return this.engine.read(async (connection) => {
      const result = await connection.run(
        `SELECT DISTINCT file_index, _hoodie_commit_time FROM read_parquet([${files}], hive_partitioning = false) ORDER BY 2`,
      );
      const times: Instant[][] = paths.map(() => []);
      for (const [file, time] of await result.getRowsJS()) times[Number(file)]!.push(time as Instant);
      return times;
    });
  }
}

/**
 * A commit of the state counts once the log has completed it too; what the log archived, it had completed. Rows that leave
 * for their age are no business of the log. A commit that the log does not have under its instant is Spark's, if the log's last
 * one before it is not spoken for: there is one writer, who commits to the log and then to the state.
 */
function tiedCommits(log: HudiTable | null, main: HudiTable): TiedCommit[] {
  const ofState = main.completedWrites();
  const own = (commit: TimelineInstant): TiedCommit => ({ ...commit, stateInstant: commit.instant });
  if (log === null || log === main) return ofState.filter(isWrite).map(own);
  const logged = log.completedWrites().map(({ instant }) => instant);
  const first = logged[0];
  const sameInstant = new Set([...logged, ...main.drops.map(({ instant }) => instant)]);
  const taken = new Set(ofState.map(({ instant }) => instant));
  return ofState.flatMap((commit) => {
    const { instant } = commit;
    if (sameInstant.has(instant)) return [own(commit)];
    if (first === undefined) return [];
    if (instant < first) return [own(commit)];
    const before = logged.findLast((candidate) => candidate < instant)!;
    if (taken.has(before)) return [];
    taken.add(before);
    return [{ ...commit, instant: before, stateInstant: instant }];
  });
}

/** The newest position of a feed's tables, or null. */
export const newestPosition = (log: HudiTable | null, main: HudiTable): Instant | null =>
  tiedCommits(log, main).at(-1)?.instant ?? null;

/** The commit that made a group, as its name tells; of a group that another writer named, nothing is known. */
export function firstCommit({ fileId }: Pick<FileSlice, "fileId">): Instant {
  const ms = fileIdTime(fileId);
  return ms === null ? "0" : new Date(ms).toISOString().replace(/[^0-9]/g, "");
}

/** Of groups whose names do not tell it: the first commit that is in them. */
export type Beginnings = ReadonlyMap<string, Instant>;

/**
 * Reads from the oldest files of a log that another engine has named (Spark, before the lake was handed over) how far back they
 * go. Files of later days are not read: they do not decide.
 */
export async function readBeginnings(engine: Engine, log: HudiTable | null): Promise<Beginnings> {
  const slices = log?.slices() ?? [];
  const oldest = slices.map(({ partition }) => partition).sort()[0];
  const foreign = slices.filter((slice) => slice.partition === oldest && fileIdTime(slice.fileId) === null);
  const beginnings = new Map<string, Instant>();
  for (const { fileId, path } of foreign) {
    const file = literal(log!.storage.locate(path));
    const first = await engine.read(async (connection) => {
      const result = await connection.run(
        `SELECT min(_hoodie_commit_time) FROM read_parquet(${file}, hive_partitioning = false)`,
      );
      return (await result.getRowsJS())[0]![0] as Instant | null;
    });
    if (first !== null) beginnings.set(fileId, first);
  }
  return beginnings;
}

/** `commit_date=2026-11-21` as the instant at which it began; of other names the beginning of time. */
function dayOf(partition: string): Instant {
  const time = Date.parse(`${/\d{4}-\d\d-\d\d/.exec(partition)?.[0] ?? "1970-01-01"}T00:00:00Z`);
  return instantAt(Number.isNaN(time) ? 0 : time);
}

/** No version that a table holds was committed before; null when it holds none. */
export function oldestVersion(table: HudiTable | null): Instant | null {
  let oldest: Instant | null = null;
  for (const slice of table?.slices() ?? []) {
    const first = firstCommit(slice);
    if (oldest === null || first < oldest) oldest = first;
  }
  return oldest;
}

/** No row of a slice was committed later. */
export const lastCommit = ({ instant }: Pick<FileSlice, "instant">): Instant => instant;

/**
 * The instant from which on every state can be read from a table's slices; null = since its first commit. A group whose
 * oldest slice is younger than the group itself was cleaned until there, one without slices until it was replaced.
 */
export function keptSince(table: HudiTable): Instant | null {
  const oldest = new Map<string, FileSlice>();
  for (const slice of table.allSlices()) {
    const id = `${slice.partition}/${slice.fileId}`;
    const known = oldest.get(id);
    if (known === undefined || slice.instant < known.instant) oldest.set(id, slice);
  }
  let since = table.replacedUntil();
  for (const slice of oldest.values()) {
    const cleaned = fileIdTime(slice.fileId) !== timeOf(slice.instant);
    if (cleaned && (since === null || slice.instant > since)) since = slice.instant;
  }
  return since;
}
