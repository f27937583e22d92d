/** Asks for snapshots: the rows of a plan's files, how many match, and outlines. */
import { attemptFields } from "../../model/attempt";
import type { Feed } from "../../model/feed";
import { EVERYTHING, type Filter } from "../../model/filter";
import type { Instant } from "../../model/instant";
import { parsePosition } from "../../model/position";
import type { WireValue } from "../../model/value";
import { epochOf } from "../hudi/epoch";
import type { CountQuery, OutlineQuery, SnapshotQuery } from "../reader";
import { literal } from "./column-types";
import type { DuckDBConnection } from "./connection";
import { OutlineReader, type OutlineRows } from "./outline";
import type { ReaderParts } from "./reader-parts";
import { replanned } from "./replanned";
import { fetchRows, type ResultColumn } from "./rows";
import type { SnapshotPlanner, Plan } from "./snapshot-plan";
import { floorsQuery, logCountQuery, logQuery, rowOrder, stateCountQuery, stateQuery } from "./snapshot-sql";

type Asked = Omit<SnapshotQuery, "at">;

export class SnapshotRows {
  readonly #parts: ReaderParts;
  readonly #planner: SnapshotPlanner;
  readonly #outlines: OutlineReader;

  constructor(parts: ReaderParts, planner: SnapshotPlanner) {
    this.#parts = parts;
    this.#planner = planner;
    this.#outlines = new OutlineReader(parts.feed, attemptFields(parts.feed), parts.scanner, parts.columns);
  }

  /** Indexes of the fields that the rows of an outline have: those that decide problems, and those of undecided runs. */
  get outlinedFields(): { deciding: readonly number[]; undecided: readonly number[] } {
    return { deciding: this.#outlines.fields, undecided: this.#outlines.runFields };
  }

  /**
   * Times (epoch ms) at which pieces of a scan end, so that a piece is not searched for among all older rows. Empty where the
   * rows are not those of files, but folded from them.
   *
   * @param nth rows of a piece
   */
  floors(query: SnapshotQuery, nth: number): Promise<number[]> {
    const position = parsePosition(query.at);
    if (position === null || position.epoch !== epochOf(this.#parts.main) || query.limit <= nth)
      return Promise.resolve([]);
    return replanned(this.#parts, async () => {
      const plan = await this.#planner.plan(position.instant, query.filter);
      if (plan?.from !== "state") return [];
      return this.#parts.engine.read(async (connection) => {
        const source = await this.#parts.scanner.source(connection, plan.slices);
        const result = await connection.run(floorsQuery(this.#parts.feed, source, query, nth));
        return (await result.getRowsJS()).map(([floor]) => Number(floor));
      });
    });
  }

  /**
   * The rows of a position as the columns say; null: gone.
   *
   * @param signal ends the query
   */
  rows(query: SnapshotQuery, columns: readonly ResultColumn[], signal?: AbortSignal): Promise<WireValue[][] | null> {
    const position = parsePosition(query.at);
    if (position === null || position.epoch !== epochOf(this.#parts.main)) return Promise.resolve(null);
    return replanned(this.#parts, async () => {
      const { instant } = position;
      const guess = await this.#planner.guessedFrom(instant, query);
      if (guess !== null) {
        const newest = { ...query, filter: { ...query.filter, from: guess } };
        const rows = await this.#rowsAt(instant, newest, columns, signal);
        if (rows?.length === query.limit) return rows;
      }
      return this.#rowsAt(instant, query, columns, signal);
    });
  }

  /** Null: gone. */
  async #rowsAt(
    instant: Instant | "0",
    query: SnapshotQuery,
    columns: readonly ResultColumn[],
    signal?: AbortSignal,
  ): Promise<WireValue[][] | null> {
    const plan = await this.#planner.plan(instant, query.filter);
    if (plan === null) return null;
    if (plan.from !== "log" || !plan.pruned) {
      const rows = await this.#runPlan(plan, query, columns, signal);
      return plan.from !== "pin" || this.#planner.isInPin(plan.instant, query, rows.length) ? rows : null;
    }
    const ordering = this.#parts.columns[this.#parts.feed.ordering]!;
    const isAsked = columns.includes(ordering);
    const rows = await this.#runPlan(plan, query, isAsked ? columns : [...columns, ordering], signal);
    const place = columns.indexOf(ordering);
    const orderings = rows.map((row) => (isAsked ? row[place]! : row.pop()!));
    if (this.#isProven(orderings, query.filter)) return rows;
    const whole = await this.#planner.plan(instant, query.filter, { prune: false });
    return whole && this.#runPlan(whole, query, columns, signal);
  }

  /** One number, or null: gone. */
  async count(instant: Instant | "0", { at, filter, within }: CountQuery): Promise<[number] | null> {
    const guess = await this.#planner.guessedFrom(instant, { at, filter: EVERYTHING, limit: within });
    for (const from of guess === null ? [null] : [guess, null]) {
      const plan = await this.#planner.plan(instant, { ...EVERYTHING, from });
      if (plan === null) return null;
      if (plan.from === "nothing") return [0];
      const [count, found, isProven] = await this.#parts.engine.read(async (connection) => {
        const source = await this.#parts.scanner.source(connection, plan.slices);
        const asked = { filter, within, from };
        const sql =
          plan.from === "log"
            ? logCountQuery(this.#parts.feed, source, plan.instant, asked, plan.versions)
            : stateCountQuery(this.#parts.feed, source, asked);
        const [row] = await (await connection.run(sql)).getRowsJS();
        return [Number(row![0]), Number(row![1]), row![2] === true];
      });
      if (plan.from === "pin" && !this.#planner.isInPin(plan.instant, { at, filter: EVERYTHING, limit: within }, found))
        return null;
      if (from === null || (found === within && isProven)) return [count];
    }
    return null;
  }

  /** Null: gone. */
  async outline(instant: Instant | "0", query: OutlineQuery): Promise<OutlineRows | null> {
    const asked = { at: query.at, filter: EVERYTHING, limit: query.within };
    const guess = await this.#planner.guessedFrom(instant, asked);
    for (const from of guess === null ? [null] : [guess, null]) {
      const plan = await this.#planner.plan(instant, { ...EVERYTHING, from });
      if (plan === null) return null;
      if (plan.from === "nothing") return this.#outlines.empty(query);
      const isEnough = (rows: number) =>
        plan.from === "pin" ? this.#planner.isInPin(plan.instant, asked, rows) : from === null || rows === query.within;
      const files = { slices: plan.slices, versions: versionsOf(plan), isLog: plan.from === "log", from };
      const { engine } = this.#parts;
      const found = await engine.read((connection) =>
        this.#outlines.read(connection, engine.beside, files, query, isEnough),
      );
      if (found !== null) return found;
    }
    return null;
  }

  /**
   * Whether a fold over recent files alone was enough: versions in the others have ordering values before `from`, so they
   * cannot win against these rows. (An event whose time moved forward may have its newest version in an older file.)
   */
  #isProven(orderings: readonly WireValue[], { from }: Pick<Filter, "from">): boolean {
    const { ordering, fields } = this.#parts.feed;
    const { type } = fields[ordering]!;
    if (from === null) return true;
    if (type.kind !== "timestamp") return orderings.length === 0;
    const least = type.unit === "millis" ? from : from * 1000;
    return orderings.every((value) => Number(value) >= least);
  }

  async #runPlan(
    plan: Plan,
    asked: Asked,
    columns: readonly ResultColumn[],
    signal?: AbortSignal,
  ): Promise<WireValue[][]> {
    if (plan.from === "nothing" || asked.limit <= 0) return [];
    return this.#interruptible(signal, async (connection) => {
      const source = await this.#parts.scanner.source(connection, plan.slices);
      return fetchRows(
        connection,
        planQuery(this.#parts.feed, plan, source, asked),
        columns,
        rowOrder(this.#parts.feed),
        asked.limit,
      );
    });
  }

  async #interruptible<T>(
    signal: AbortSignal | undefined,
    work: (connection: DuckDBConnection) => Promise<T>,
  ): Promise<T> {
    return this.#parts.engine.read(async (connection) => {
      signal?.throwIfAborted();
      const interrupt = () => connection.interrupt();
      signal?.addEventListener("abort", interrupt, { once: true });
      try {
        return await work(connection);
      } catch (error) {
        signal?.throwIfAborted();
        throw error;
      } finally {
        signal?.removeEventListener("abort", interrupt);
      }
    });
  }
}

/** SQL of the rows of a plan's files that are asked for. */
export function planQuery(feed: Feed, plan: Exclude<Plan, { from: "nothing" }>, source: string, asked: Asked): string {
  return plan.from === "log"
    ? logQuery(feed, source, plan.instant, asked, plan.versions)
    : stateQuery(feed, source, asked);
}

/** SQL condition on the rows of a plan's files that count. */
function versionsOf(plan: Exclude<Plan, { from: "nothing" }>): string {
  if (plan.from !== "log") return "true";
  const committed = `_hoodie_commit_time <= ${literal(plan.instant)}`;
  return plan.versions === null ? committed : `${committed} AND ${plan.versions}`;
}
