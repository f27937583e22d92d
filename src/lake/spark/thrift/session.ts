/**
 * One session of a Spark Thrift Server on a connection of its own.
 *
 * What callers may rely on:
 * - A session runs one statement at a time; a second one asked for meanwhile waits for the first.
 * - Every statement has a deadline. When it passes, or the signal is aborted, the caller is told at once and the statement is
 *   cancelled on the server through another connection; the next statement waits for that, a second at most: a statement
 *   that cannot be cancelled takes the session with it.
 * - It is in UTC, replaces no `${…}` in statements and unescapes string literals, and the server caches no relations: that is
 *   checked when it is opened.
 * - Values are exact (`SparkValue`), rows are arrays in the order of the columns.
 * - `engine-unavailable` means that the outcome of the statement is not known. When it was the connection's end (`Unreachable`),
 *   `usable` is false: open another session. A `SparkError` is Spark's own answer, and the session goes on.
 */
import type { SparkAddress } from "../spark-url";
import type { Sql } from "../sql/sql";
import type { ResultColumn, SparkRow } from "./columns";
import { Hs2Connection } from "./connection";
import { isServerFault, sparkError, unavailable } from "./faults";
import { PROTOCOL_V10, type Handle } from "./hs2";
import { checkSession, SESSION_CONF } from "./session-checks";
import { CANCEL_MS, MAX_PAGE_ROWS, Statement, type QueryOptions } from "./statement";

export interface SessionOptions {
  /** Settings of the session (`spark.…`, `hoodie.…`, or other keys that statements read). */
  conf?: Readonly<Record<string, string>>;
  connectMs?: number;
  /** Longest wait for one answer. More than the server's hive.server2.long.polling.timeout (5 s unless set). */
  callMs?: number;
}

export interface QueryResult {
  columns: ResultColumn[];
  rows: SparkRow[];
  /** There were more rows than `maxRows`. */
  more: boolean;
}

export interface SparkSession {
  /** False once the connection is lost or the session closed. */
  readonly usable: boolean;
  /** Waits until nothing runs: a statement that was given up may yet end the session. */
  idle(): Promise<void>;
  /** All rows, or the first `maxRows` (default 100,000). */
  query(sql: Sql, options?: QueryOptions & { maxRows?: number }): Promise<QueryResult>;
  /** The rows in pages of some hundred kilobytes. The next page is fetched when the last one has been used; leaving the loop ends the statement. */
  pages(sql: Sql, options?: QueryOptions): AsyncIterable<SparkRow[]>;
  /** For what answers nothing of interest: SET, CREATE TABLE, MERGE. */
  execute(sql: Sql, options?: QueryOptions): Promise<void>;
  close(): Promise<void>;
}

const CONNECT_MS = 10_000;
const CALL_MS = 15_000;
const MAX_ROWS = 100_000;

/** @throws AppError engine-unavailable, or SparkError when the server refuses the session */
export async function openSparkSession(address: SparkAddress, options: SessionOptions = {}): Promise<SparkSession> {
  const { connectMs = CONNECT_MS, callMs = CALL_MS, conf = {} } = options;
  const connection = await Hs2Connection.open(address, connectMs);
  try {
    const handle = await openHandle(connection, conf, callMs);
    const session = new Hs2Session(connection, handle, { callMs });
    await checkSession(session, address);
    return session;
  } catch (error) {
    connection.destroy("The session could not be opened.");
    throw error;
  }
}

async function openHandle(connection: Hs2Connection, conf: Readonly<Record<string, string>>, callMs: number) {
  const { user, database } = connection.address;
  const { sessionHandle } = await connection.call(
    "OpenSession",
    {
      client_protocol: PROTOCOL_V10,
      username: user,
      configuration: {
        ...Object.fromEntries(
          Object.entries({ ...SESSION_CONF, ...conf }).map(([key, value]) => [`set:hiveconf:${key}`, value]),
        ),
        "use:database": database,
      },
    },
    callMs,
  );
  if (sessionHandle === null) throw sparkError("The server opened no session.", null);
  return sessionHandle;
}

class Hs2Session implements SparkSession {
  #turn: Promise<void> = Promise.resolve();
  #closed = false;

  constructor(
    private readonly connection: Hs2Connection,
    private readonly handle: Handle,
    private readonly times: { callMs: number },
  ) {}

  get usable(): boolean {
    return !this.#closed && this.connection.usable;
  }

  async query(sql: Sql, options: QueryOptions & { maxRows?: number } = {}): Promise<QueryResult> {
    const { maxRows = MAX_ROWS } = options;
    return this.#run(sql, options, async (statement) => {
      const columns = await statement.columns();
      const rows: SparkRow[] = [];
      for (let last = false; !last && rows.length <= maxRows;) {
        const page = await statement.page(columns, maxRows + 1 - rows.length);
        for (const row of page.rows) rows.push(row);
        last = page.last;
      }
      return { columns, rows: rows.slice(0, maxRows), more: rows.length > maxRows };
    });
  }

  async *pages(sql: Sql, options: QueryOptions = {}): AsyncIterable<SparkRow[]> {
    const statement = await this.#begin(sql, options);
    try {
      await statement.finished();
      const columns = await statement.columns();
      for (let last = false; !last;) {
        const page = await statement.page(columns, MAX_PAGE_ROWS);
        last = page.last;
        if (page.rows.length > 0) yield page.rows;
      }
    } finally {
      this.#end(statement);
    }
  }

  async execute(sql: Sql, options: QueryOptions = {}): Promise<void> {
    await this.#run(sql, options, () => Promise.resolve());
  }

  async #run<T>(sql: Sql, options: QueryOptions, take: (statement: Statement) => Promise<T>): Promise<T> {
    const statement = await this.#begin(sql, options);
    try {
      await statement.finished();
      return await take(statement);
    } finally {
      this.#end(statement);
    }
  }

  async #begin(sql: Sql, options: QueryOptions): Promise<Statement> {
    options.signal?.throwIfAborted();
    const release = await this.#take();
    if (this.#closed) {
      release();
      throw unavailable("The session with Spark is closed.");
    }
    const statement = new Statement(this.connection, this.times, options, release);
    try {
      await statement.start(this.handle, sql);
      return statement;
    } catch (error) {
      this.#end(statement);
      throw error;
    }
  }

  /** The answer need not wait for the server to forget the statement; the next statement does. */
  #end(statement: Statement): void {
    void statement.end();
  }

  idle(): Promise<void> {
    return this.#turn;
  }

  async close(): Promise<void> {
    const release = await this.#take();
    try {
      if (!this.usable) return;
      this.#closed = true;
      await this.connection.call("CloseSession", { sessionHandle: this.handle }, CANCEL_MS);
    } catch (error) {
      if (!isServerFault(error)) throw error; // the server closes a session whose connection ends
    } finally {
      this.#closed = true;
      this.connection.destroy("The session with Spark was closed.");
      release();
    }
  }

  /** Waits for the turn; what it returns ends it. */
  async #take(): Promise<() => void> {
    const before = this.#turn;
    let release!: () => void;
    this.#turn = new Promise<void>((resolve) => (release = resolve));
    await before;
    return release;
  }
}
