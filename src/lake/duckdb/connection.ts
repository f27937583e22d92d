/**
 * DuckDB, once per lake: an instance in memory that holds no data but the writers' indexes. It reads and writes Parquet
 * files; all of its work happens off the main thread.
 *
 * Connections are lent, one statement stream at a time each: `read` for what people ask, `follow` for what keeps the live pages
 * going, `write` for the statements of a commit that may run beside each other. Each lender (`lender.ts`) is a queue in arrival
 * order with connections of its own, so none of them waits for another.
 */
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
  /** The same for what follows the tables: it never waits behind what people ask. */
  follow<T>(work: (connection: DuckDBConnection) => Promise<T>): Promise<T>;
  /** Lends a connection for the statements of a commit. */
  write<T>(work: (connection: DuckDBConnection) => Promise<T>): Promise<T>;
  /** Waits for what was lent, then ends the instance. Lending afterwards fails. */
  close(): Promise<void>;
}

export interface EngineOptions {
  /** Bound of DuckDB's own memory, in MiB. */
  memoryMiB?: number;
  /** Where larger-than-memory work is spilled: a folder that may be deleted at any start. */
  spillFolder?: string;
  readers?: number;
  maxWaitingReads?: number;
  readLimitMs?: number;
}

const THREADS = 2;
/** Two commits' statements at a time use both threads; more would only add memory. */
const WRITERS = 2;
const READERS = 2;
/** Queries that may wait for a connection; more are told to come back, so that nobody waits for ever. */
const MAX_WAITING_READS = 256;
/** A page whose answer takes longer has been left by its reader, and browsers and proxies give up soon after. */
const READ_LIMIT_MS = 20_000;
/** A feed that is loaded does not hold up another one that is followed. A load may take long: without it there is no page. */
const FOLLOWERS = 2;
const FOLLOW_LIMIT_MS = 120_000;
const MEMORY_MIB = 512;

export async function openEngine(options: EngineOptions = {}): Promise<Engine> {
  const instance = await DuckDBInstance.create(":memory:", {
    threads: String(THREADS),
    memory_limit: `${options.memoryMiB ?? MEMORY_MIB}MiB`,
    // Rows keep their order where we order them ourselves; scans may then stream.
    preserve_insertion_order: "true",
    ...(options.spillFolder === undefined ? {} : { temp_directory: options.spillFolder }),
  });
  const connect = async () => {
    const connection = await instance.connect();
    await connection.run("SET TimeZone = 'UTC'");
    return connection;
  };
  const connections = (size: number) => Promise.all(Array.from({ length: size }, connect));
  const readers = lender(await connections(options.readers ?? READERS), {
    maxWaiting: options.maxWaitingReads ?? MAX_WAITING_READS,
    limitMs: options.readLimitMs ?? READ_LIMIT_MS,
  });
  // Followers and committers are few, and each waits for itself.
  const followers = lender(await connections(FOLLOWERS), { maxWaiting: Infinity, limitMs: FOLLOW_LIMIT_MS });
  const writers = lender(await connections(WRITERS), { maxWaiting: Infinity, limitMs: null });
  return {
    read: readers.lend,
    follow: followers.lend,
    write: writers.lend,
    async close() {
      await Promise.all([readers.close(), followers.close(), writers.close()]);
      instance.closeSync();
    },
  };
}
