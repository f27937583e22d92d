/**
 * DuckDB, twice per lake: an instance for what is read, which holds no data, and one for commits, which holds the writers'
 * indexes. They read and write Parquet files; all of their work happens off the main thread. A query that uses up its memory
 * costs no commit.
 *
 * Connections are lent, one statement stream at a time each: `read` for what people ask, `follow` for what keeps the live pages
 * going, `write` for the statements of a commit that may run beside each other. Each lender (`lender.ts`) is a queue in arrival
 * order with connections of its own, so none of them waits for another.
 */
import { join } from "node:path";
import { DuckDBInstance, type DuckDBConnection } from "@duckdb/node-api";
import { lender } from "./lender";

export type { DuckDBConnection };

export interface Engine {
  /**
   * Lends a connection for queries.
   *
   * @throws AppError engine-unavailable when too many wait already, and for a query that takes too long, waiting included
   */
  read<T>(work: (connection: DuckDBConnection) => Promise<T>): Promise<T>;
  /** Lends another one to whoever reads, for a part that runs beside the rest. Such a part lends nothing itself. */
  beside<T>(work: (connection: DuckDBConnection) => Promise<T>): Promise<T>;
  /** The same for what follows the tables: it never waits behind what people ask. */
  follow<T>(work: (connection: DuckDBConnection) => Promise<T>): Promise<T>;
  /** Lends a connection for the statements of a commit. */
  write<T>(work: (connection: DuckDBConnection) => Promise<T>): Promise<T>;
  /** Waits for what was lent, then ends the instances. Lending afterwards fails. */
  close(): Promise<void>;
}

export interface EngineOptions {
  /** Bound of each instance's own memory, in MiB. */
  memoryMiB?: number;
  /** Where larger-than-memory work is spilled: a folder that may be deleted at any start. */
  spillFolder?: string;
  readers?: number;
  maxWaitingReads?: number;
  readLimitMs?: number;
}

/** Threads that share one query. */
const READ_THREADS = 2;
/**
 * A statement of a commit runs in the thread that asked for it. With a second one to share it with, the first spins while it
 * waits: a file of 2,000 rows took 14 ms of CPU instead of 10.
 */
const WRITE_THREADS = 1;
/** A commit writes two tables side by side; more would only add memory. */
const WRITERS = 2;
const READERS = 2;
/** Queries that may wait for a connection; more are told to come back, so that nobody waits for ever. */
const MAX_WAITING_READS = 256;
/** A page whose answer takes longer has been left by its reader, and browsers and proxies give up soon after. */
const READ_LIMIT_MS = 20_000;
/** A feed that is loaded does not hold up another one that is followed. A load may take long: without it there is no page. */
const FOLLOWERS = 2;
const FOLLOW_LIMIT_MS = 120_000;
const MEMORY_MIB = 256;

export async function openEngine(options: EngineOptions = {}): Promise<Engine> {
  const reading = await createInstance(options, READ_THREADS, "read");
  const writing = await createInstance(options, WRITE_THREADS, "write");
  const limitMs = options.readLimitMs ?? READ_LIMIT_MS;
  const readers = lender(await connect(reading, options.readers ?? READERS), {
    maxWaiting: options.maxWaitingReads ?? MAX_WAITING_READS,
    limitMs,
  });
  // As many as there are reads at most, each of which waits for its part.
  const assistants = lender(await connect(reading, 1), { maxWaiting: Infinity, limitMs });
  // Followers and committers are few, and each waits for itself.
  const followers = lender(await connect(reading, FOLLOWERS), { maxWaiting: Infinity, limitMs: FOLLOW_LIMIT_MS });
  const writers = lender(await connect(writing, WRITERS), { maxWaiting: Infinity, limitMs: null });
  return {
    read: readers.lend,
    beside: assistants.lend,
    follow: followers.lend,
    write: writers.lend,
    async close() {
      await Promise.all([readers, assistants, followers, writers].map((one) => one.close()));
      reading.closeSync();
      writing.closeSync();
    },
  };
}

/** @param purpose names its part of the folder for spilled work */
function createInstance(options: EngineOptions, threads: number, purpose: string): Promise<DuckDBInstance> {
  const { spillFolder, memoryMiB = MEMORY_MIB } = options;
  return DuckDBInstance.create(":memory:", {
    threads: String(threads),
    memory_limit: `${memoryMiB}MiB`,
    // Rows keep their order where we order them ourselves; scans may then stream.
    preserve_insertion_order: "true",
    ...(spillFolder !== undefined && { temp_directory: join(spillFolder, purpose) }),
  });
}

const connect = (instance: DuckDBInstance, count: number): Promise<DuckDBConnection[]> =>
  Promise.all(
    Array.from({ length: count }, async () => {
      const connection = await instance.connect();
      await connection.run("SET TimeZone = 'UTC'");
      return connection;
    }),
  );
