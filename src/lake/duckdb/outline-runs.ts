/**
 * The runs of a window by pipeline, as its views need them (`model/pipeline.ts`): the newest ones of each pipeline, and what all
 * others come to. They are derived here by the rules of `model/attempt.ts` and `model/batch.ts`, from as many groups as there are
 * attempts; of runs whose events leave open which of them is the last (equal ordering values) the rows are taken, and those rules
 * decide. Measured on 100,000 rows out of 1 million: 240 ms of CPU time, where fetching and folding the rows takes 1,900.
 */
import { runFields, type AttemptFields } from "../../model/attempt";
import { STATE_OF, WORST_FIRST, type Run, type RunState } from "../../model/batch";
import type { RunTally } from "../../model/pipeline";
import type { WireValue } from "../../model/value";
import type { OutlinedRuns } from "../reader";
import { literal } from "./column-types";
import type { DuckDBConnection } from "./connection";
import { columnOf } from "./filter-sql";
import { aloneIn, togetherIn } from "./outline-window";
import { fetchRows, resultColumn, textColumn, type ResultColumn } from "./rows";
import { rowOrder } from "./snapshot-sql";

const ATTEMPTS = "_attempts";
const RUNS = "_runs";
/** Only a matter of speed. */
const SOME = 10_000;

/** Rows of `undecided` have the values of `runFields` only. */
export interface RunsOfWindow extends Omit<OutlinedRuns, "undecided"> {
  undecided: WireValue[][];
}

export class OutlineRuns {
  /** Indexes of the fields that runs follow from. */
  readonly fields: readonly number[];

  constructor(
    readonly attempts: AttemptFields,
    readonly columns: readonly ResultColumn[],
  ) {
    this.fields = runFields(attempts);
  }

  /** @param newest so many runs of each pipeline */
  async read(connection: DuckDBConnection, window: string, newest: number): Promise<RunsOfWindow> {
    try {
      await connection.run(`CREATE TEMP TABLE ${ATTEMPTS} AS ${attemptsQuery(this.attempts, window)}`);
      await connection.run(`CREATE TEMP TABLE ${RUNS} AS ${runsQuery(this.attempts, window, newest)}`);
      const newestRuns = await this.#newest(connection);
      const others = await this.#others(connection);
      return { newest: newestRuns, others, undecided: await this.#undecided(connection, window) };
    } finally {
      for (const table of [ATTEMPTS, RUNS]) await connection.run(`DROP TABLE IF EXISTS temp.${table}`);
    }
  }

  async #newest(connection: DuckDBConnection): Promise<OutlinedRuns["newest"]> {
    const { rowsIn, rowsOut, feed } = this.attempts;
    const count = (field: number, column: string) =>
      field < 0 ? NOTHING : resultColumn(feed.fields[field]!.type, column);
    const columns = [
      textColumn("p"),
      textColumn("b"),
      ...["worst", "started_at", "heard_at"].map((column) => resultColumn({ kind: "long" }, column)),
      count(rowsIn, "rows_in"),
      count(rowsOut, "rows_out"),
    ];
    const found = await fetchRows(connection, NEWEST, columns, "p, started_at DESC, b", SOME);
    return found.map(([pipelineName, correlationId, worst, startedAt, heardAt, read, written]) => {
      const state = WORST_FIRST[worst as number]!;
      const endedAt = ENDED.includes(state) ? (heardAt as number) : null;
      const run = { correlationId, state, startedAt, endedAt, heardAt, rowsIn: read, rowsOut: written };
      return { pipelineName: pipelineName as string, run: run as Run };
    });
  }

  async #others(connection: DuckDBConnection): Promise<OutlinedRuns["others"]> {
    const counts = WORST_FIRST.map((_, worst) => `count(*) FILTER (worst = ${worst})`).join(", ");
    const completed = WORST_FIRST.indexOf("completed");
    const result = await connection.run(
      `SELECT p, min(started_at), max(heard_at) FILTER (worst = ${completed}), max(heard_at - started_at), ${counts}
      FROM temp.${RUNS} WHERE is_decided AND NOT is_wanted GROUP BY p`,
    );
    return (await result.getRowsJS()).map(([pipelineName, first, success, longest, ...of]) => {
      const tally: RunTally = {
        counts: Object.fromEntries(WORST_FIRST.map((state, i) => [state, Number(of[i])])) as Record<RunState, number>,
        lastSuccessAt: success === null ? null : Number(success),
        firstStartedAt: Number(first),
        longestHeardMs: Number(longest),
      };
      return { pipelineName: pipelineName as string, tally };
    });
  }

  #undecided(connection: DuckDBConnection, window: string): Promise<WireValue[][]> {
    const { feed, correlationId, pipelineName } = this.attempts;
    const inner = `SELECT w.* FROM ${window} w SEMI JOIN (SELECT p, b FROM temp.${RUNS} WHERE NOT is_decided) r
      ON w.${columnOf(feed, correlationId)} = r.b AND w.${columnOf(feed, pipelineName)} = r.p`;
    const columns = this.fields.map((field) => this.columns[field]!);
    return fetchRows(connection, inner, columns, rowOrder(feed), SOME);
  }
}

const NOTHING: ResultColumn = resultColumn({ kind: "long" }, "NULL::BIGINT");
const ENDED: readonly RunState[] = ["failed", "completed"];
const isEnded = (state: string): string =>
  `${state} IN (${ENDED.map((ended) => WORST_FIRST.indexOf(ended)).join(", ")})`;

/** Of the last attempt that tells a count; none where the last one of all failed and tells none. */
const ROWS_OUT = `CASE WHEN arg_max(state, (started_at, s, a)) = ${WORST_FIRST.indexOf("failed")}
      AND arg_max_null(rows_out, (started_at, s, a)) IS NULL THEN NULL ELSE arg_max(rows_out, (started_at, s, a)) END`;

/** The runs that are wanted, with their counts: those in are of the attempt that started first among those that tell one. */
const NEWEST = `SELECT r.*, c.rows_in, c.rows_out FROM (SELECT * FROM temp.${RUNS} WHERE is_wanted AND is_decided) r JOIN (
    SELECT p, b, arg_min(rows_in, (started_at, s, a)) AS rows_in, ${ROWS_OUT} AS rows_out
    FROM temp.${ATTEMPTS} SEMI JOIN (SELECT p, b FROM temp.${RUNS} WHERE is_wanted) USING (p, b) GROUP BY p, b) c
  USING (p, b)`;

/** Events by short names: pipeline p, batch b, stage s, attempt a, ordering value o, event time t. */
function eventsQuery(fields: AttemptFields, source: string): string {
  const { feed } = fields;
  const of = (field: number) => (field < 0 ? "NULL::BIGINT" : columnOf(feed, field));
  const states = Object.entries(STATE_OF).map(
    ([status, state]) => `WHEN ${literal(status)} THEN ${WORST_FIRST.indexOf(state)}`,
  );
  return `SELECT ${of(fields.pipelineName)} AS p, ${of(fields.correlationId)} AS b, ${of(fields.stageName)} AS s,
      coalesce(${of(fields.attempt)}, 0)::INTEGER AS a, (CASE ${of(fields.status)} ${states.join(" ")} END)::TINYINT AS state,
      epoch_ms(${of(feed.ordering)}) AS o, epoch_ms(${of(feed.eventTime)}) AS t, ${of(fields.durationMs)} AS duration,
      ${of(fields.rowsIn)} AS rows_in, ${of(fields.rowsOut)} AS rows_out
    FROM ${source}`;
}

/** One row per attempt, with its times in epoch ms. `state`: place in WORST_FIRST. Most attempts have one event in a window. */
function attemptsQuery(fields: AttemptFields, window: string): string {
  return `SELECT p, b, s, a, state, rows_in, rows_out, coalesce(ended_at, updated_at) AS heard_at,
      CASE WHEN ended_at IS NOT NULL AND duration BETWEEN 0 AND ${Number.MAX_SAFE_INTEGER}
        THEN least(began_at, ended_at - duration) ELSE began_at END AS started_at
    FROM (
      SELECT *, CASE WHEN ${isEnded("state")} THEN greatest(updated_at, began_at) END AS ended_at FROM (
        SELECT p, b, s, a, state, o AS updated_at, t AS began_at, duration, rows_in, rows_out
        FROM (${eventsQuery(fields, aloneIn(window))})
        UNION ALL
        SELECT p, b, s, a, arg_max(state, o) AS state, max(o) AS updated_at, min(t) AS began_at,
          arg_max_null(duration, o) AS duration, arg_max(rows_in, o) AS rows_in, arg_max(rows_out, o) AS rows_out
        FROM (${eventsQuery(fields, togetherIn(window))}) GROUP BY p, b, s, a))`;
}

/**
 * One row per run. `is_wanted`: it is among the newest of its pipeline, or the newest that ended. `is_decided`: no two events of
 * an attempt of it have the same ordering value, and the names of its stages have the same order here, by code points, as there,
 * by UTF-16 units. Its state is the worst among the last attempts of its stages, which are all attempts where numbers are equal.
 */
function runsQuery(fields: AttemptFields, window: string, newest: number): string {
  return `WITH undecided AS (
      SELECT p, b FROM (${eventsQuery(fields, togetherIn(window))}) GROUP BY p, b, s, a, o HAVING count(*) > 1
      UNION
      SELECT p, b FROM temp.${ATTEMPTS} WHERE regexp_matches(s, '[\\x{10000}-\\x{10FFFF}]')),
    runs AS MATERIALIZED (
      SELECT p, b, min(started_at) AS started_at, max(heard_at) AS heard_at, min(state) AS worst, min(a) <> max(a) AS is_retried
      FROM temp.${ATTEMPTS} GROUP BY p, b),
    retried AS (
      SELECT p, b, min(state) AS worst FROM (
        SELECT p, b, arg_max(state, a) AS state FROM temp.${ATTEMPTS}
        SEMI JOIN (SELECT p, b FROM runs WHERE is_retried) USING (p, b) GROUP BY p, b, s)
      GROUP BY p, b),
    known AS MATERIALIZED (
      SELECT r.p, r.b, started_at, heard_at, coalesce(t.worst, r.worst) AS worst, u.p IS NULL AS is_decided
      FROM runs r LEFT JOIN retried t USING (p, b) LEFT JOIN undecided u USING (p, b)),
    floors AS (
      SELECT p, list_min(max(started_at, ${newest})) AS newest, max(started_at) FILTER (${isEnded("worst")}) AS ended
      FROM known GROUP BY p)
    SELECT known.*, started_at >= newest OR (${isEnded("worst")} AND started_at = ended) AS is_wanted
    FROM known JOIN floors USING (p)`;
}
