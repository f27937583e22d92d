/**
 * A Spark Thrift Server as the engine sees it: a few sessions for reading, one for writing, and what is known of its health.
 *
 * What callers may rely on:
 * - `read` and `query` lend a session of the pool. A session that turns out to be lost is replaced, and the work done once
 *   more: reading twice does no harm.
 * - `write` is one statement stream in one session, in the order in which it was asked for. It is never repeated: after
 *   `engine-unavailable` the outcome is to be looked up.
 * - While the server does not answer, nobody waits for it: after a few failures in a row every call fails at once with
 *   `engine-unavailable` and the reason, and one probe at a time finds out when it is back. Only a lost or silent connection
 *   counts as a failure; a statement that Spark refuses or that is too slow does not.
 */
import {
  BrokenCircuitError,
  CircuitState,
  circuitBreaker,
  ConsecutiveBreaker,
  ExponentialBackoff,
  handleType,
} from "cockatiel";
import type { Clock } from "../../clock";
import type { Log } from "../../log";
import { describeAddress, type SparkAddress } from "./spark-url";
import { sql, type Sql } from "./sql/sql";
import { SparkError, Unreachable, unavailable } from "./thrift/faults";
import type { SparkRow } from "./thrift/columns";
import { SessionPool, type Waiting } from "./thrift/session-pool";
import { openSparkSession, type QueryResult, type SessionOptions, type SparkSession } from "./thrift/session";
import type { QueryOptions } from "./thrift/statement";

export interface SparkServerOptions extends SessionOptions {
  clock: Clock;
  log: Log;
  /** Settings of the writer's session beside `conf`. */
  writerConf?: Readonly<Record<string, string>>;
  /** Sessions for reading. Each is a connection, a thread and some memory of the server. */
  readers?: number;
  maxWaiting?: number;
  maxWaitMs?: number;
  maxAgeMs?: number;
  /** Failures in a row after which nobody waits for the server any more. */
  failures?: number;
  /** First and longest pause between two looks at a server that is away. */
  lookAgainMs?: number;
  lookAgainMaxMs?: number;
  /** How often a server is asked that nobody else asks. */
  probeMs?: number;
}

export interface Health extends Waiting {
  /** `unknown` until the first answer. */
  state: "unknown" | "up" | "down";
  /** Epoch ms of the last answer of any kind; null before the first. */
  answeredAt: number | null;
  /** Why it is down: a sentence for people. Null while it is not. */
  reason: string | null;
}

const READERS = 4;
const MAX_WAITING = 256;
const MAX_WAIT_MS = 15_000;
const MAX_AGE_MS = 30 * 60_000;
const FAILURES = 3;
const LOOK_AGAIN_MS = 500;
const LOOK_AGAIN_MAX_MS = 10_000;
const PROBE_MS = 10_000;
const PROBE_DEADLINE_MS = 5_000;

export class SparkServer {
  readonly #pool: SessionPool;
  readonly #breaker;
  readonly #probe: NodeJS.Timeout;
  #probing: Promise<void> | null = null;
  #probeSession: SparkSession | null = null;
  #writer: SparkSession | null = null;
  #writing: Promise<unknown> = Promise.resolve();
  readonly #since: number;
  #answeredAt: number | null = null;
  #failure: Unreachable | null = null;
  #closed = false;

  constructor(
    readonly address: SparkAddress,
    private readonly options: SparkServerOptions,
  ) {
    const {
      clock,
      readers = READERS,
      maxWaiting = MAX_WAITING,
      maxWaitMs = MAX_WAIT_MS,
      maxAgeMs = MAX_AGE_MS,
    } = options;
    this.#since = clock.now();
    this.#pool = new SessionPool(() => this.#open(), { size: readers, maxWaiting, maxWaitMs, maxAgeMs, clock });
    this.#breaker = circuitBreaker(handleType(Unreachable), {
      breaker: new ConsecutiveBreaker(options.failures ?? FAILURES),
      halfOpenAfter: new ExponentialBackoff({
        initialDelay: options.lookAgainMs ?? LOOK_AGAIN_MS,
        maxDelay: options.lookAgainMaxMs ?? LOOK_AGAIN_MAX_MS,
      }),
    });
    this.#breaker.onBreak(() => this.#tellDown());
    this.#breaker.onReset(() => options.log.info({ spark: this.#name }, "Spark answers again"));
    // While the server is away the breaker decides when a look is due; the timer only asks often enough.
    const probeMs = Math.min(options.probeMs ?? PROBE_MS, options.lookAgainMs ?? LOOK_AGAIN_MS);
    this.#probe = setInterval(() => this.#probeWhenDue(), probeMs);
    this.#probe.unref();
  }

  get health(): Health {
    const down = this.#breaker.state === CircuitState.Open || this.#breaker.state === CircuitState.HalfOpen;
    return {
      ...this.#pool.load,
      state: down ? "down" : this.#answeredAt === null ? "unknown" : "up",
      answeredAt: this.#answeredAt,
      reason: down ? (this.#failure?.message ?? null) : null,
    };
  }

  /** Lends a session for reading. Leave no settings and no temporary views behind in it. */
  async read<T>(work: (session: SparkSession) => Promise<T>, signal?: AbortSignal): Promise<T> {
    const once = () => this.#guarded(() => this.#pool.lend(work, signal));
    try {
      return await once();
    } catch (error) {
      if (!(error instanceof Unreachable) || error.kind !== "lost" || signal?.aborted) throw error;
      return once();
    }
  }

  /** One statement on a session of the pool. */
  query(statement: Sql, options: QueryOptions & { maxRows?: number } = {}): Promise<QueryResult> {
    return this.read((session) => session.query(statement, options), options.signal);
  }

  /** Pages of a large answer; the session is lent until the last one was taken. */
  async *pages(statement: Sql, options: QueryOptions = {}): AsyncIterable<SparkRow[]> {
    const { session, giveBack } = await this.#lendOpenly(options.signal);
    let failure: unknown = null;
    try {
      yield* session.pages(statement, options);
    } catch (error) {
      failure = error;
      throw error;
    } finally {
      giveBack(failure);
    }
  }

  /** Lends the writer's session, when those who asked before are done. Its settings stay from one call to the next. */
  write<T>(work: (session: SparkSession) => Promise<T>): Promise<T> {
    const done = this.#writing.then(() => this.#guarded(async () => work(await this.#writerSession())));
    this.#writing = done.catch(() => undefined); // its caller is told
    return done;
  }

  /** Asks the server whether it is there. @throws AppError engine-unavailable */
  async probe(): Promise<void> {
    await this.#observed(async () => {
      await this.#probeSession?.idle();
      if (!this.#probeSession?.usable) this.#probeSession = await this.#open();
      await this.#probeSession.query(sql`SELECT 1`, { deadlineMs: PROBE_DEADLINE_MS });
    });
  }

  /** Waits for what is written; queries that wait are refused. */
  async close(): Promise<void> {
    this.#closed = true;
    clearInterval(this.#probe);
    await this.#writing;
    await this.#probing;
    await Promise.all([this.#pool.close(), this.#writer?.close(), this.#probeSession?.close()]);
  }

  get #name(): string {
    return describeAddress(this.address);
  }

  #open(conf: Readonly<Record<string, string>> = {}): Promise<SparkSession> {
    return openSparkSession(this.address, { ...this.options, conf: { ...this.options.conf, ...conf } });
  }

  async #writerSession(): Promise<SparkSession> {
    await this.#writer?.idle();
    if (!this.#writer?.usable) this.#writer = await this.#open(this.options.writerConf);
    return this.#writer;
  }

  /** Nobody waits for a server that is away, not even for the look at it that is under way. */
  async #guarded<T>(work: () => Promise<T>): Promise<T> {
    if (this.#breaker.state !== CircuitState.Closed) throw this.#away();
    return this.#observed(work);
  }

  async #observed<T>(work: () => Promise<T>): Promise<T> {
    if (this.#closed) throw unavailable("The connection with Spark is closed.");
    try {
      return await this.#breaker.execute(async () => {
        try {
          const result = await work();
          this.#answeredAt = this.options.clock.now();
          return result;
        } catch (error) {
          if (error instanceof Unreachable) this.#failure = error;
          if (error instanceof SparkError) this.#answeredAt = this.options.clock.now();
          throw error;
        }
      });
    } catch (error) {
      throw error instanceof BrokenCircuitError ? this.#away(error) : error;
    }
  }

  #away(cause?: unknown): Error {
    return unavailable(this.#failure?.message ?? `Spark at ${this.#name} does not answer.`, cause ?? this.#failure);
  }

  /** A session for as long as the caller wants; what it tells at the end is what the breaker learns. */
  #lendOpenly(signal?: AbortSignal): Promise<{ session: SparkSession; giveBack: (failure: unknown) => void }> {
    return new Promise((resolve, reject) => {
      const lend = (session: SparkSession) =>
        new Promise<void>((done, failed) =>
          resolve({ session, giveBack: (failure) => (failure instanceof Unreachable ? failed(failure) : done()) }),
        );
      // After the session was lent the promise is settled, and its failure is the caller's already.
      this.#guarded(() => this.#pool.lend(lend, signal)).catch(reject);
    });
  }

  #tellDown(): void {
    this.options.log.warn({ spark: this.#name, error: this.#failure }, "Spark does not answer");
  }

  #probeWhenDue(): void {
    const idleMs = this.options.clock.now() - (this.#answeredAt ?? this.#since);
    const away = this.#breaker.state !== CircuitState.Closed;
    if (this.#probing || this.#closed || (!away && idleMs < (this.options.probeMs ?? PROBE_MS))) return;
    this.#probing = this.probe()
      .catch((error: unknown) => this.options.log.debug({ spark: this.#name, error }, "no answer to a probe"))
      .finally(() => (this.#probing = null));
  }
}
