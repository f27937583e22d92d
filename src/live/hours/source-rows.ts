/** Reads from a feed of attempts what rolling up needs, of one position, in answers of bounded size. */
import type { FeedReader, SnapshotQuery } from "../../lake/reader";
import { AppError } from "../../model/app-error";
import type { AttemptFields } from "../../model/attempt";
import { eventTimeOf, keyOf } from "../../model/feed";
import { EVERYTHING, type ColumnFilter, type Filter } from "../../model/filter";
import { instantMs } from "../../model/instant";
import { HOUR_MS, hourOf } from "../../model/hours/pipeline-hour";
import type { Position } from "../../model/position";
import type { Row } from "../../model/value";

/** Events of one run lie no further apart than this; what is further counts as another run. */
export const RUN_SPAN_MS = 24 * HOUR_MS;
/** Correlation ids of one question. */
const MOST_IDS = 50_000;
const MOST_FAILURES = 50_000;
/** No limit; engines take no more than 32 bits. */
const UNBOUNDED = 2_000_000_000;

/** Whole hours, and which pipelines of them; null = all. */
export interface Touched {
  from: number;
  to: number;
  pipelines: readonly string[] | null;
}

export class SourceRows {
  readonly #fields: readonly number[];

  constructor(
    private readonly fields: AttemptFields,
    private readonly reader: FeedReader,
    private readonly at: Position,
  ) {
    const { feed, correlationId, pipelineName, stageName, status, attempt, rowsIn, rowsOut, durationMs } = fields;
    const wanted = [correlationId, pipelineName, stageName, status, attempt, rowsIn, rowsOut, durationMs];
    const all = [...wanted, feed.key, feed.eventTime, feed.ordering];
    this.#fields = [...new Set(all)].filter((field) => field >= 0);
  }

  /**
   * The events of the hours with all other events of their runs, or null when the hours have more than `most`.
   *
   * @throws AppError gone
   */
  async ofHours({ from, to, pipelines }: Touched, most: number): Promise<Row[] | null> {
    const columns = this.#ofPipelines(pipelines);
    const rows = await this.#rows({ ...EVERYTHING, from, to, columns }, most + 1);
    if (rows.length > most) return null;
    const { correlationId } = this.fields;
    const ids = rows.map((row) => row[correlationId] as string);
    const before = await this.#among(correlationId, ids, from - RUN_SPAN_MS, from, columns);
    const after = await this.#among(correlationId, ids, to, to + RUN_SPAN_MS, columns);
    return [...rows, ...before, ...after];
  }

  /** When the events that failed were committed, by their keys. */
  async failuresShown({ from, to, pipelines }: Touched): Promise<ReadonlyMap<string, number>> {
    const failed = { field: this.fields.status, negated: false, values: ["FAILED"] };
    const filter = { ...EVERYTHING, from, to: to + RUN_SPAN_MS, columns: [failed, ...this.#ofPipelines(pipelines)] };
    const { key, eventTime } = this.fields.feed;
    const answer = await this.reader.snapshotWithMeta({
      at: this.at,
      filter,
      limit: MOST_FAILURES,
      fields: [key, eventTime],
    });
    if (answer.kind === "gone") throw this.#gone(answer.oldestInstant);
    const shown = new Map<string, number>();
    for (const { row, meta } of answer.rows) {
      const at = instantMs(meta[0]);
      if (at !== null) shown.set(keyOf(this.fields.feed, row), at);
    }
    return shown;
  }

  /**
   * The hours and pipelines in which events changed, or in which other events of their runs are; also those of the runs that they
   * belonged to before, should a publisher have told them anew of another run.
   *
   * @param since the position before the change
   * @throws AppError gone
   */
  async touchedBy(changed: readonly Row[], since: Position): Promise<Map<number, Set<string>>> {
    const { feed, correlationId, pipelineName } = this.fields;
    const touched = new Map<number, Set<string>>();
    const runs = new Set<string>();
    const runOf = (row: Row) => JSON.stringify([row[correlationId], row[pipelineName]]);
    const touch = (row: Row) => {
      const hour = hourOf(eventTimeOf(feed, row));
      let pipelines = touched.get(hour);
      if (!pipelines) touched.set(hour, (pipelines = new Set()));
      pipelines.add(row[pipelineName] as string);
    };
    const [from, to] = spanOf(changed.map((row) => eventTimeOf(feed, row)));
    const keys = changed.map((row) => keyOf(feed, row));
    const before = await this.#among(feed.key, keys, from, to, [], since);
    for (const row of [...changed, ...before]) {
      touch(row);
      runs.add(runOf(row));
    }
    const ids = [...changed, ...before].map((row) => row[correlationId] as string);
    const others = await this.#among(correlationId, ids, from, to, []);
    for (const row of others) if (runs.has(runOf(row))) touch(row);
    return touched;
  }

  /** The newest event time before `to`, at or after `from`; null when there is none. */
  async newestBefore(from: number, to: number): Promise<number | null> {
    const [row] = await this.#rows({ ...EVERYTHING, from, to }, 1);
    return row ? eventTimeOf(this.fields.feed, row) : null;
  }

  /** The pipelines of some hours. */
  async pipelinesOf({ from, to }: Touched, signal: AbortSignal): Promise<string[]> {
    const { feed, pipelineName } = this.fields;
    const names = new Set<string>();
    const query = this.#query({ ...EVERYTHING, from, to }, UNBOUNDED);
    const fields = [pipelineName, feed.eventTime, feed.key];
    for await (const rows of this.reader.scan({ ...query, fields }, signal))
      for (const row of rows) names.add(row[pipelineName] as string);
    return [...names].sort();
  }

  #ofPipelines(pipelines: readonly string[] | null): ColumnFilter[] {
    return pipelines === null ? [] : [{ field: this.fields.pipelineName, negated: false, values: pipelines }];
  }

  /** The rows whose value of a field is one of these. */
  async #among(
    field: number,
    values: readonly string[],
    from: number,
    to: number,
    columns: readonly ColumnFilter[],
    at = this.at,
  ): Promise<Row[]> {
    const all = [...new Set(values)];
    const rows: Row[] = [];
    for (let i = 0; i < all.length; i += MOST_IDS) {
      const some = { field, negated: false, values: all.slice(i, i + MOST_IDS) };
      const filter = { ...EVERYTHING, from, to, columns: [some, ...columns] };
      for (const row of await this.#rows(filter, UNBOUNDED, at)) rows.push(row);
    }
    return rows;
  }

  async #rows(filter: Filter, limit: number, at = this.at): Promise<Row[]> {
    const answer = await this.reader.snapshot({ ...this.#query(filter, limit), at });
    if (answer.kind === "rows") return answer.rows;
    throw this.#gone(answer.oldestInstant);
  }

  #query(filter: Filter, limit: number): SnapshotQuery {
    return { at: this.at, filter, limit, fields: this.#fields };
  }

  #gone(oldest: string | null): AppError {
    const { name } = this.fields.feed;
    return new AppError("gone", `Position ${this.at} of feed ${name} went while its hours were rolled up.`, { oldest });
  }
}

/** All times of runs of which these are some. */
function spanOf(times: readonly number[]): [from: number, to: number] {
  let [first, last] = [Infinity, -Infinity];
  for (const time of times) {
    first = Math.min(first, time);
    last = Math.max(last, time);
  }
  return [first - RUN_SPAN_MS, last + RUN_SPAN_MS];
}
