/**
 * Rows of somebody else's table at its points. Its writer, its cleaner and its archiver go on meanwhile: an answer counts only
 * when what it was read from was still kept after the last row. Hudi lists what is there, and would leave out in silence what
 * a clean has just taken; `hudi_table_changes` answers with part of the rows where commits have left the timeline.
 */
import { AppError } from "../../../model/app-error";
import { EVERYTHING, type Filter } from "../../../model/filter";
import type { Point } from "../../../model/position";
import type { WireValue } from "../../../model/value";
import { isUnknownTable } from "../tables";
import { SparkError } from "../thrift/faults";
import type { Sql } from "../sql/sql";
import { isHead, isReadable, headOf, cutAt, type AskedRows, type Differences } from "../../adopted/source";
import type { Cut } from "../../hudi/cuts";
import { changesOfCommits } from "../reader/procedures";
import { countOfNewest, selection, type Relation } from "../reader/snapshot-sql";
import { selected, toWireRows, wireColumns, type WireColumn } from "../reader/wire-columns";
import { adoptedMeta } from "./adopted-meta";
import { changedRows, leftKeys, relationAt, sharedKey, writtenRows, type At } from "./adopted-sql";
import type { AdoptedTableOptions } from "./adopted-table";
import type { AdoptedTimeline, Look } from "./adopted-timeline";

const MAX_PLANS = 4;
const DEADLINE_MS = 120_000;
/** The first page waits for it. */
const DUPLICATES_MS = 20_000;

export class AdoptedRows {
  constructor(
    private readonly options: AdoptedTableOptions,
    private readonly timeline: AdoptedTimeline,
  ) {}

  /** Null: gone. */
  rows(point: Point, asked: AskedRows, signal?: AbortSignal): Promise<WireValue[][] | null> {
    const { feed } = this.options;
    const columns = [...wireColumns(feed, asked.fields), ...(asked.withMeta ? adoptedMeta() : [])];
    return this.#at(point, (at) => this.#run(relationAt(feed, at, asked.filter), asked, columns, signal));
  }

  /** How many of the newest rows match; null: gone. */
  count(point: Point, filter: Filter, within: number): Promise<number | null> {
    const { feed, spark } = this.options;
    if (within <= 0) return Promise.resolve(0);
    return this.#at(point, async (at) => {
      const statement = countOfNewest(feed, relationAt(feed, at), filter, within);
      const { rows } = await spark.query(statement, { deadlineMs: DEADLINE_MS });
      return Number(rows[0]![0]);
    });
  }

  /** The rows of a statement about the table at a point; null: gone. */
  ask(point: Point, statement: (relation: Relation) => Sql): Promise<readonly (readonly unknown[])[] | null> {
    const { feed, spark } = this.options;
    return this.#at(point, async (at) => {
      const { rows } = await spark.query(statement(relationAt(feed, at)), { deadlineMs: DEADLINE_MS });
      return rows;
    });
  }

  /** Looks whether several rows share a key, and if so makes everybody start again. */
  async findDuplicates(): Promise<void> {
    if (this.timeline.hasDuplicates) return;
    const { feed, spark } = this.options;
    const head = headOf(await this.timeline.look());
    if (head === null) return;
    const found = await this.#at(
      head,
      async (at) => (await spark.query(sharedKey(feed, at), { deadlineMs: DUPLICATES_MS })).rows,
    );
    if (found !== null && found.length > 0) await this.timeline.tellDuplicates();
  }

  /**
   * What differs between two points, both readable; null: gone. Rows of commits come from the commits. Keys that left are told by
   * nothing but the states themselves, which are compared when a commit says that it deleted or replaced something.
   */
  differences(since: Cut, until: Cut, limit: number): Promise<Differences | null> {
    const { feed } = this.options;
    const asked = { filter: EVERYTHING, limit };
    const columns = wireColumns(feed);
    return this.#at(until, async (after, look) => {
      if (!isReadable(look, since)) return null;
      const before = { ...after, asOf: since.instant };
      const del = (await this.#removes(look, since, until)) ? await this.#keys(leftKeys(feed, before, after)) : [];
      const { table } = after;
      const [from, to] = [beginOf(since), beginOf(until)];
      const written = after.isFolded ? changedRows(feed, before, after) : writtenRows(feed, table, from, to);
      return { up: await this.#run(written, asked, columns), del };
    });
  }

  async #keys(statement: Sql): Promise<string[]> {
    const { rows } = await this.options.spark.query(statement, { deadlineMs: DEADLINE_MS });
    return rows.map(([key]) => String(key));
  }

  /** Whether commits in `(since, until]` say that rows went. */
  async #removes(look: Look, since: Cut, until: Cut): Promise<boolean> {
    const between = look.commits.filter(({ instant }) => instant > since.instant && instant <= until.instant);
    if (between.some(({ action }) => action !== "commit")) return true;
    const changes = await changesOfCommits(this.options.spark, look.table!.name);
    return between.some(({ instant }) => changes(instant).some(({ deleted }) => deleted > 0));
  }

  async #run(
    relation: Relation,
    asked: AskedRows,
    columns: readonly WireColumn[],
    signal?: AbortSignal,
  ): Promise<WireValue[][]> {
    const statement = selection(this.options.feed, relation, selected(columns), asked);
    const found: WireValue[][] = [];
    for await (const page of this.options.spark.pages(statement, {
      deadlineMs: DEADLINE_MS,
      ...(signal && { signal }),
    })) {
      for (const row of toWireRows(columns, page)) found.push(row);
    }
    return found;
  }

  /** Asks about a point until nothing that the answer needs was taken away meanwhile. Null: gone. */
  async #at<T>(point: Point, ask: (at: At, look: Look) => Promise<T>): Promise<T | null> {
    let look = await this.timeline.look();
    if (cutAt(look, point) === null) look = await this.timeline.whole();
    for (let attempt = 1; attempt <= MAX_PLANS; attempt++) {
      const cut = cutAt(look, point);
      if (cut === null || !isReadable(look, cut)) return null;
      const at = atCut(look, cut, this.timeline.hasDuplicates);
      const answer = await unlessGone(() => ask(at, look));
      const isKnown = answer !== null && at.asOf !== null;
      look = isKnown ? await this.timeline.after(look) : await this.timeline.whole();
      if (answer !== null && isUndisturbed(look, cut, at)) return answer.value;
    }
    throw new AppError(
      "engine-unavailable",
      `The table of ${this.options.feed.name} was cleaned or written under the query ${MAX_PLANS} times in a row. Ask again.`,
      { retryAfterMs: 1_000 },
    );
  }
}

/**
 * How a point is read. Hudi refuses to go back to a time behind a commit that was begun and has not completed, such as a
 * clustering that runs beside the writer: the head is then what a plain query gives.
 */
function atCut(look: Look, cut: Cut, isFolded: boolean): At {
  const isBehind = look.pending !== null && look.pending <= cut.instant;
  if (!isBehind) return { table: look.table!, asOf: cut.instant, isFolded };
  if (isHead(look, cut)) return { table: look.table!, asOf: null, isFolded };
  throw new AppError(
    "engine-unavailable",
    `A commit of this table that began at ${look.pending} has not completed. Hudi tells no time after it, but the present, until it has.`,
    { retryAfterMs: 5_000 },
  );
}

/** A plain query saw the head only if that was still the head afterwards. */
function isUndisturbed(look: Look, cut: Cut, at: At): boolean {
  if (at.asOf === null) return isHead(look, cut);
  return isReadable(look, cut);
}

/** Versions 8 and 9 count changes by completion. */
const beginOf = (cut: Cut): string => cut.completion ?? cut.instant;

/** Null when Spark found that a file or the table was gone, which it tells in words only, in the depths of the cause. */
async function unlessGone<T>(ask: () => Promise<T>): Promise<{ value: T } | null> {
  try {
    return { value: await ask() };
  } catch (error) {
    // A server that was started again has lost its catalog.
    if (isUnknownTable(error)) return null;
    if (error instanceof SparkError && MISSING.test(`${error.message} ${causeOf(error)}`)) return null;
    throw error;
  }
}

const MISSING = /FileNotFoundException|Cleaner cleaned up the timestamp|does not exist|first incomplete commit/;
const causeOf = ({ cause }: Error): string => (cause instanceof Error ? cause.message : "");
