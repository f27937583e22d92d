/**
 * Lends connections, one statement stream at a time each, in the order of asking. How many may wait has a bound, and so has the
 * time that waiting and working take together: then the running statement is interrupted and whoever asked is told.
 */
import type { DuckDBConnection } from "@duckdb/node-api";
import { AppError } from "../../model/app-error";

export interface LenderBounds {
  /** More are told to come back, so that nobody waits for ever. */
  maxWaiting: number;
  /** Null: as long as it takes. */
  limitMs: number | null;
}

export interface Lender {
  /** @throws AppError engine-unavailable when too many wait already, or when it takes too long */
  lend<T>(work: (connection: DuckDBConnection) => Promise<T>): Promise<T>;
  /** Waits for every connection to come back, then ends it. Lending afterwards fails. */
  close(): Promise<void>;
}

export function lender(connections: readonly DuckDBConnection[], { maxWaiting, limitMs }: LenderBounds): Lender {
  const free = [...connections];
  const waiting: { take: (connection: DuckDBConnection) => void }[] = [];
  let closed = false;

  const wait = (term: Term) =>
    new Promise<DuckDBConnection>((resolve, reject) => {
      const entry = { take: resolve };
      waiting.push(entry);
      term.ends(() => {
        const place = waiting.indexOf(entry);
        if (place >= 0) waiting.splice(place, 1);
        reject(new Error("No connection came back in time."));
      });
    });
  const giveBack = (connection: DuckDBConnection) => {
    const next = waiting.shift();
    if (next) next.take(connection);
    else free.push(connection);
  };

  return {
    async lend(work) {
      if (closed) throw new Error("The lake is closed.");
      if (waiting.length >= maxWaiting) {
        throw new AppError("engine-unavailable", `${waiting.length} queries are waiting already: come back later.`, {
          retryAfterMs: 2_000,
        });
      }
      const term = new Term(limitMs);
      try {
        const connection = free.pop() ?? (await wait(term));
        try {
          term.ends(() => connection.interrupt());
          return await work(connection);
        } finally {
          // Before the next one gets the connection: the interruption is not meant for it.
          term.close();
          giveBack(connection);
        }
      } catch (error) {
        throw term.isOver ? tooLong(limitMs!, error) : error;
      } finally {
        term.close();
      }
    },
    async close() {
      closed = true;
      const all = await Promise.all(connections.map(async () => free.pop() ?? (await wait(new Term(null)))));
      for (const connection of all) connection.disconnectSync();
    },
  };
}

/** Work of several statements may be between two of them when its time is over: it is told again until it ends. */
const AGAIN_MS = 100;

/** The time that one loan may take. */
class Term {
  isOver = false;
  #end: () => void = () => undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(limitMs: number | null) {
    if (limitMs !== null) this.#in(limitMs);
  }

  /** What ends that which takes the time at present. */
  ends(end: () => void): void {
    this.#end = end;
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#end = () => undefined;
  }

  #in(ms: number): void {
    this.#timer = setTimeout(() => {
      this.isOver = true;
      this.#in(AGAIN_MS);
      this.#end();
    }, ms);
    this.#timer.unref();
  }
}

const tooLong = (limitMs: number, cause: unknown): AppError =>
  new AppError(
    "engine-unavailable",
    `The query was ended after ${limitMs / 1_000} s, waiting included: ask for less (a shorter time, fewer rows), or later.`,
    { retryAfterMs: 5_000 },
    { cause },
  );
