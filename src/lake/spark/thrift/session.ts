/**
 * One session of a Spark Thrift Server on a connection of its own.
 *
 * What callers may rely on:
 * - A session runs one statement at a time; a second one asked for meanwhile waits for the first.
 * - Every statement has a deadline. When it passes, or the signal is aborted, the statement is cancelled on the server through
 *   another connection before the call returns; a statement that cannot be cancelled takes the session with it.
 * - Values are exact (`SparkValue`), rows are arrays in the order of the columns.
 * - `engine-unavailable` means that the outcome of the statement is not known. After it `usable` is false: open another session.
 *   A `SparkError` is Spark's own answer, and the session goes on.
 */
import type { AppError } from "../../../model/app-error";
import { describeAddress, type SparkAddress } from "../spark-url";
import type { Sql } from "../sql/sql";
import { decodePage, resultColumns, type ResultColumn, type SparkRow } from "./columns";
import { Hs2Connection } from "./connection";
import { isServerFault, sparkError, unavailable } from "./faults";
import { FETCH_NEXT, PROTOCOL_V10, STATE, type AnyColumn, type CallName, type Calls, type Handle } from "./hs2";

export interface SessionOptions {
  /** Settings of the session (`spark.…`, `hoodie.…`, or other keys that statements read). */
  conf?: Readonly<Record<string, string>>;
  connectMs?: number;
  /** Longest wait for one answer. More than the server's hive.server2.long.polling.timeout (5 s unless set). */
  callMs?: number;
}

export interface QueryOptions {
  /** How long the statement may take, until its last row. Default 30 s. */
  deadlineMs?: number;
  signal?: AbortSignal;
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
const DEADLINE_MS = 30_000;
const MAX_ROWS = 100_000;
/** Larger pages stall the event loop for longer than a frame; smaller ones cost a round trip each. */
const PAGE_BYTES = 384 * 1024;
const FIRST_PAGE_ROWS = 100;
const MAX_PAGE_ROWS = 10_000;
/** After a cancel the server answers at once; one that does not is not waited for. */
const CANCEL_MS = 2_000;

/** @throws AppError engine-unavailable, or SparkError when the server refuses the session */
export async function openSparkSession(address: SparkAddress, options: SessionOptions = {}): Promise<SparkSession> {
  const { connectMs = CONNECT_MS, callMs = CALL_MS, conf = {} } = options;
  const connection = await Hs2Connection.open(address, connectMs);
  try {
    const handle = await openHandle(connection, conf, callMs);
    return new Hs2Session(connection, handle, { connectMs, callMs });
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
        ...Object.fromEntries(Object.entries(conf).map(([key, value]) => [`set:hiveconf:${key}`, value])),
        "use:database": database,
      },
    },
    callMs,
  );
  if (sessionHandle === null) throw sparkError("The server opened no session.", null);
  return sessionHandle;
}

class Hs2Session implements SparkSession {
  #turn: Promise<unknown> = Promise.resolve();
  #closed = false;

  constructor(
    private readonly connection: Hs2Connection,
    private readonly handle: Handle,
    private readonly times: { connectMs: number; callMs: number },
  ) {}

  get usable(): boolean {
    return !this.#closed && this.connection.usable;
  }

  async query(sql: Sql, options: QueryOptions & { maxRows?: number } = {}): Promise<QueryResult> {
    const { maxRows = MAX_ROWS } = options;
    return this.#exclusive(async () => {
      const statement = await this.#start(sql, options);
      try {
        await statement.finished();
        const columns = await statement.columns();
        const rows: SparkRow[] = [];
        for (;;) {
          const page = await statement.page(columns, maxRows + 1 - rows.length);
          rows.push(...page.rows);
          if (page.last || rows.length > maxRows) break;
        }
        return { columns, rows: rows.slice(0, maxRows), more: rows.length > maxRows };
      } finally {
        await statement.end();
      }
    });
  }

  async *pages(sql: Sql, options: QueryOptions = {}): AsyncIterable<SparkRow[]> {
    const release = await this.#take();
    try {
      const statement = await this.#start(sql, options);
      try {
        await statement.finished();
        const columns = await statement.columns();
        for (let last = false; !last;) {
          const page = await statement.page(columns, MAX_PAGE_ROWS);
          last = page.last;
          if (page.rows.length > 0) yield page.rows;
        }
      } finally {
        await statement.end();
      }
    } finally {
      release();
    }
  }

  async execute(sql: Sql, options: QueryOptions = {}): Promise<void> {
    await this.#exclusive(async () => {
      const statement = await this.#start(sql, options);
      try {
        await statement.finished();
      } finally {
        await statement.end();
      }
    });
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    await this.#exclusive(async () => {
      this.#closed = true;
      if (!this.connection.usable) return;
      try {
        await this.connection.call("CloseSession", { sessionHandle: this.handle }, CANCEL_MS);
      } catch (error) {
        // The server closes a session whose connection ends; that happens below.
        if (!isServerFault(error)) throw error;
      } finally {
        this.connection.destroy("The session was closed.");
      }
    });
  }

  async #exclusive<T>(work: () => Promise<T>): Promise<T> {
    const release = await this.#take();
    try {
      return await work();
    } finally {
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

  async #start(sql: Sql, options: QueryOptions): Promise<Statement> {
    if (this.#closed) throw unavailable("The session with Spark is closed.");
    options.signal?.throwIfAborted();
    const statement = new Statement(this.connection, this.times, options);
    await statement.start(this.handle, sql);
    return statement;
  }
}

/** One statement on the server, from its start to its end. */
class Statement {
  #operation: Handle | null = null;
  #pageRows = FIRST_PAGE_ROWS;
  readonly #until: number;
  readonly #interrupted: Promise<unknown>;
  #interrupt!: (reason: unknown) => void;
  #why: unknown = null;
  readonly #timer: NodeJS.Timeout;
  readonly #onAbort = () => this.#interrupt(this.options.signal!.reason);

  constructor(
    private readonly connection: Hs2Connection,
    private readonly times: { connectMs: number; callMs: number },
    private readonly options: QueryOptions,
  ) {
    const deadlineMs = options.deadlineMs ?? DEADLINE_MS;
    this.#until = performance.now() + deadlineMs;
    this.#interrupted = new Promise((resolve) => {
      this.#interrupt = (reason) => {
        this.#why ??= reason;
        resolve(reason);
      };
    });
    this.#timer = setTimeout(() => this.#interrupt(this.#tooLate(deadlineMs)), deadlineMs);
    options.signal?.addEventListener("abort", this.#onAbort);
  }

  #tooLate(deadlineMs: number): AppError {
    return unavailable(
      `Spark at ${describeAddress(this.connection.address)} did not finish the query within ${deadlineMs / 1000} s; it was cancelled.`,
    );
  }

  async start(sessionHandle: Handle, sql: Sql): Promise<void> {
    const leftMs = Math.max(1, this.#until - performance.now());
    try {
      const { operationHandle } = await this.#call("ExecuteStatement", {
        sessionHandle,
        statement: sql.text,
        runAsync: true,
        // The server's own deadline, a moment later: it ends what nobody could cancel any more.
        queryTimeout: BigInt(Math.ceil(leftMs / 1000) + 1),
      });
      this.#operation = operationHandle;
    } catch (error) {
      this.#stopWatching();
      throw error;
    }
  }

  /** Waits until the statement is done. @throws SparkError when it failed */
  async finished(): Promise<void> {
    for (;;) {
      const status = this.#call("GetOperationStatus", { operationHandle: this.#operation! });
      const first = await Promise.race([status, this.#interrupted.then(() => null)]);
      if (first === null) {
        await this.#cancel(status);
        throw this.#why;
      }
      switch (first.operationState) {
        case STATE.FINISHED:
          return;
        case STATE.INITIALIZED:
        case STATE.PENDING:
        case STATE.RUNNING:
          break;
        case STATE.TIMEDOUT:
          throw this.#tooLate(this.options.deadlineMs ?? DEADLINE_MS);
        default:
          throw sparkError(
            first.errorMessage ?? `The statement ended in state ${first.operationState}.`,
            first.sqlState,
          );
      }
    }
  }

  async columns(): Promise<ResultColumn[]> {
    const { schema } = await this.#call("GetResultSetMetadata", { operationHandle: this.#operation! });
    return resultColumns(schema?.columns ?? []);
  }

  /** The next rows: as many as make a page, at most `most`. */
  async page(columns: readonly ResultColumn[], most: number): Promise<{ rows: SparkRow[]; last: boolean }> {
    if (this.#why !== null) throw this.#why;
    const maxRows = Math.min(this.#pageRows, most);
    const { results, hasMoreRows } = await this.#call("FetchResults", {
      operationHandle: this.#operation!,
      orientation: FETCH_NEXT,
      maxRows: BigInt(maxRows),
      fetchType: 0,
    });
    const rows = decodePage(columns, results?.columns ?? null);
    this.#fitPage(results?.columns ?? [], rows.length);
    // Spark always says that there is no more; a page that is not full is the last one.
    return { rows, last: hasMoreRows !== true && rows.length < maxRows };
  }

  #fitPage(columns: readonly AnyColumn[], rows: number): void {
    if (rows === 0) return;
    const bytesEach = Math.max(1, columns.reduce((sum, column) => sum + columnBytes(column), 0) / rows);
    const fitting = Math.floor(PAGE_BYTES / bytesEach);
    this.#pageRows = Math.max(1, Math.min(fitting, MAX_PAGE_ROWS, this.#pageRows * 10));
  }

  /** Frees what the server holds for the statement. */
  async end(): Promise<void> {
    this.#stopWatching();
    if (this.#operation === null || !this.connection.usable) return;
    try {
      await this.#call("CloseOperation", { operationHandle: this.#operation });
    } catch (error) {
      // The statement has its outcome already; a lost connection shows at the next one.
      if (!isServerFault(error)) throw error;
    }
  }

  #stopWatching(): void {
    clearTimeout(this.#timer);
    this.options.signal?.removeEventListener("abort", this.#onAbort);
  }

  /** Over a connection of its own: on this one it would wait behind the question that it is to end. */
  async #cancel(status: Promise<unknown>): Promise<void> {
    const answered = status.then(
      () => true,
      () => true,
    );
    try {
      const control = await Hs2Connection.open(this.connection.address, CANCEL_MS);
      try {
        await control.call("CancelOperation", { operationHandle: this.#operation! }, CANCEL_MS);
      } finally {
        control.destroy("The cancel was sent.");
      }
    } catch (error) {
      if (!isServerFault(error)) throw error;
    }
    const late = new Promise<false>((resolve) => setTimeout(() => resolve(false), CANCEL_MS).unref());
    if (!(await Promise.race([answered, late]))) {
      this.connection.destroy("A statement was given up that could not be cancelled.");
    }
  }

  #call<N extends CallName>(name: N, request: Calls[N]["request"]): Promise<Calls[N]["response"]> {
    return this.connection.call(name, request, this.times.callMs);
  }
}

/** About: what the values of a column take in a message. */
function columnBytes(column: AnyColumn): number {
  if (column.stringVal) return sumLengths(column.stringVal.values as string[]);
  if (column.binaryVal) return sumLengths(column.binaryVal.values as Buffer[]);
  const plain = column.i64Val ?? column.i32Val ?? column.doubleVal ?? column.boolVal ?? column.i16Val ?? column.byteVal;
  return (plain?.values.length ?? 0) * 8;
}

const sumLengths = (values: readonly { length: number }[]): number =>
  values.reduce((sum, value) => sum + 4 + value.length, 0);
