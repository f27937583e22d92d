/** One statement on the server, from its start until the server has forgotten it. */
import { setTimeout as sleep } from "node:timers/promises";
import pTimeout from "p-timeout";
import { describeAddress } from "../spark-url";
import type { Sql } from "../sql/sql";
import { decodePage, resultColumns, type ResultColumn, type SparkRow } from "./columns";
import { Hs2Connection } from "./connection";
import { isServerFault, sparkError, unavailable } from "./faults";
import { FETCH_NEXT, STATE, type AnyColumn, type CallName, type Calls, type Handle } from "./hs2";

export interface QueryOptions {
  /** How long the statement may take, from its turn until its last row. Default 30 s. */
  deadlineMs?: number;
  /** Aborted by whoever no longer wants the answer; its reason is what the call throws. */
  signal?: AbortSignal;
}

const DEADLINE_MS = 30_000;
/** Larger pages stall the event loop for longer than a frame; smaller ones cost a round trip each. */
const PAGE_BYTES = 384 * 1024;
const FIRST_PAGE_ROWS = 100;
export const MAX_PAGE_ROWS = 10_000;
const ASK_AGAIN_MS = 50;
/** A server answers a cancel at once (18 ms); one that does not is not waited for. */
export const CANCEL_MS = 1_000;

export class Statement {
  #operation: Handle | null = null;
  #pageRows = FIRST_PAGE_ROWS;
  readonly #deadlineMs: number;
  readonly #interrupted: Promise<typeof INTERRUPTED>;
  #interrupt!: () => void;
  #why: { reason: unknown } | null = null;
  #pending: Promise<unknown> = Promise.resolve();
  #ended: Promise<void> | null = null;
  readonly #timer: NodeJS.Timeout;
  readonly #onAbort = () => this.#giveUp(this.options.signal!.reason);

  /** @param forgotten called once, when the connection is free for the next statement, or lost */
  constructor(
    private readonly connection: Hs2Connection,
    private readonly times: { callMs: number },
    private readonly options: QueryOptions,
    private readonly forgotten: () => void,
  ) {
    this.#deadlineMs = options.deadlineMs ?? DEADLINE_MS;
    this.#interrupted = new Promise((resolve) => (this.#interrupt = () => resolve(INTERRUPTED)));
    this.#timer = setTimeout(() => this.#giveUp(this.#tooLate()), this.#deadlineMs);
    options.signal?.addEventListener("abort", this.#onAbort);
    if (options.signal?.aborted) this.#onAbort();
  }

  async start(sessionHandle: Handle, sql: Sql): Promise<void> {
    await this.#call("ExecuteStatement", {
      sessionHandle,
      statement: sql.text,
      runAsync: true,
      // The server's own deadline, a moment later: it ends what nobody could cancel any more.
      queryTimeout: BigInt(Math.ceil(this.#deadlineMs / 1000) + 1),
    });
  }

  /** Waits until the statement is done. @throws SparkError when it failed */
  async finished(): Promise<void> {
    for (;;) {
      const askedAt = performance.now();
      const answer = await this.#call("GetOperationStatus", { operationHandle: this.#operation! });
      switch (answer.operationState) {
        case STATE.FINISHED:
          return;
        case STATE.INITIALIZED:
        case STATE.PENDING:
        case STATE.RUNNING:
          await this.#pause(ASK_AGAIN_MS - (performance.now() - askedAt));
          break;
        case STATE.TIMEDOUT:
          throw this.#tooLate();
        default: {
          const words = answer.errorMessage ?? `The statement ended in state ${answer.operationState}.`;
          throw sparkError(words, answer.sqlState);
        }
      }
    }
  }

  /** A server holds the question until there is news; one that does not is not asked without a pause. */
  async #pause(ms: number): Promise<void> {
    if (ms > 0) await Promise.race([sleep(ms), this.#interrupted]);
  }

  async columns(): Promise<ResultColumn[]> {
    const { schema } = await this.#call("GetResultSetMetadata", { operationHandle: this.#operation! });
    return resultColumns(schema?.columns ?? []);
  }

  /** The next rows: as many as make a page, at most `most`. */
  async page(columns: readonly ResultColumn[], most: number): Promise<{ rows: SparkRow[]; last: boolean }> {
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
    return { rows, last: rows.length === 0 || (hasMoreRows !== true && rows.length < maxRows) };
  }

  /**
   * Frees what the server holds; after an interruption, which ends the statement by itself, it cancels first. Never throws: what
   * fails here ends the connection.
   */
  end(): Promise<void> {
    return (this.#ended ??= this.#end());
  }

  async #end(): Promise<void> {
    clearTimeout(this.#timer);
    this.options.signal?.removeEventListener("abort", this.#onAbort);
    try {
      if (this.connection.usable) await this.#free();
    } catch (error) {
      if (!isServerFault(error)) this.connection.destroy(`A statement could not be ended: ${String(error)}`);
    } finally {
      this.forgotten();
    }
  }

  async #free(): Promise<void> {
    if (this.#why !== null) await this.#cancel();
    if (this.#operation === null || !this.connection.usable) return;
    await this.connection.call("CloseOperation", { operationHandle: this.#operation }, this.times.callMs);
  }

  /** Over a connection of its own: on this one it would wait behind the question that it is to end. */
  async #cancel(): Promise<void> {
    const answered = this.#pending.then(
      () => true,
      () => true,
    );
    const sent = this.#operation === null ? Promise.resolve() : this.#sendCancel(this.#operation);
    const ended = sent.then(() => answered);
    const inTime = await pTimeout(ended, { milliseconds: CANCEL_MS, fallback: () => false });
    // The server stops what a connection has begun when the connection ends.
    if (!inTime) this.connection.destroy("A statement was given up that could not be cancelled.");
  }

  async #sendCancel(operationHandle: Handle): Promise<void> {
    try {
      const control = await Hs2Connection.open(this.connection.address, CANCEL_MS);
      try {
        await control.call("CancelOperation", { operationHandle }, CANCEL_MS);
      } finally {
        control.destroy("The cancel was sent.");
      }
    } catch (error) {
      // A cancel that does not get through is one that nobody answers: the caller of this gives the connection up.
      if (!isServerFault(error)) throw error;
    }
  }

  async #call<N extends CallName>(name: N, request: Calls[N]["request"]): Promise<Calls[N]["response"]> {
    if (this.#why !== null) throw this.#why.reason;
    const answer = this.connection.call(name, request, this.times.callMs).then((response) => {
      // Kept even when nobody waits for it any more: it is what is to be cancelled.
      if ("operationHandle" in response) this.#operation = response.operationHandle;
      return response;
    });
    this.#pending = answer;
    const first = await Promise.race([answer, this.#interrupted]);
    if (first === INTERRUPTED) throw this.#why!.reason;
    return first;
  }

  #giveUp(reason: unknown): void {
    this.#why ??= { reason };
    this.#interrupt();
    // Also for a reader who takes no further page and would keep the session for ever.
    void this.end();
  }

  #tooLate(): Error {
    const place = describeAddress(this.connection.address);
    return unavailable(
      `Spark at ${place} did not finish within ${this.#deadlineMs / 1000} s; the query was cancelled.`,
    );
  }

  #fitPage(columns: readonly AnyColumn[], rows: number): void {
    if (rows === 0) return;
    const bytesEach = Math.max(1, columns.reduce((sum, column) => sum + columnBytes(column), 0) / rows);
    const fitting = Math.floor(PAGE_BYTES / bytesEach);
    this.#pageRows = Math.max(1, Math.min(fitting, MAX_PAGE_ROWS, this.#pageRows * 10));
  }
}

const INTERRUPTED = Symbol("interrupted");

/** About: what the values of a column take in a message. */
function columnBytes(column: AnyColumn): number {
  if (column.stringVal) return sumLengths(column.stringVal.values as string[]);
  if (column.binaryVal) return sumLengths(column.binaryVal.values as Buffer[]);
  const plain = column.i64Val ?? column.i32Val ?? column.doubleVal ?? column.boolVal ?? column.i16Val ?? column.byteVal;
  return (plain?.values.length ?? 0) * 8;
}

const sumLengths = (values: readonly { length: number }[]): number =>
  values.reduce((sum, value) => sum + 4 + value.length, 0);
