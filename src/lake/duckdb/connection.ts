/**
 * DuckDB, once per lake: an instance in memory that holds no data but the writers' indexes. It reads and writes Parquet
 * files; all of its work happens off the main thread.
 *
 * Connections are lent, one statement stream at a time each: `read` for queries, `write` for the statements of a commit
 * that may run beside each other. Each lender is a queue in arrival order with a fixed number of connections, so readers
 * never wait for a commit.
 */
import { DuckDBInstance, type DuckDBConnection } from "@duckdb/node-api";
import { AppError } from "../../model/app-error";

export type { DuckDBConnection };

export interface Engine {
  /** Lends a connection for queries. @throws AppError engine-unavailable when too many wait already */
  read<T>(work: (connection: DuckDBConnection) => Promise<T>): Promise<T>;
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
}

const THREADS = 2;
/** Two commits' statements at a time use both threads; more would only add memory. */
const WRITERS = 2;
const READERS = 2;
/** Queries that may wait for a connection; more are told to come back, so that nobody waits for ever. */
const MAX_WAITING_READS = 256;
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
  const pool = async (size: number, maxWaiting: number) =>
    lender(await Promise.all(Array.from({ length: size }, connect)), maxWaiting);
  const readers = await pool(options.readers ?? READERS, options.maxWaitingReads ?? MAX_WAITING_READS);
  const writers = await pool(WRITERS, Infinity); // committers are few, and each waits for itself
  return {
    read: readers.lend,
    write: writers.lend,
    async close() {
      await Promise.all([readers.close(), writers.close()]);
      instance.closeSync();
    },
  };
}

function lender(connections: readonly DuckDBConnection[], maxWaiting: number) {
  const free = [...connections];
  const waiting: ((connection: DuckDBConnection) => void)[] = [];
  let closed = false;
  const take = (): Promise<DuckDBConnection> => {
    const connection = free.pop();
    return connection ? Promise.resolve(connection) : new Promise((resolve) => waiting.push(resolve));
  };
  const giveBack = (connection: DuckDBConnection) => {
    const next = waiting.shift();
    if (next) next(connection);
    else free.push(connection);
  };
  return {
    async lend<T>(work: (connection: DuckDBConnection) => Promise<T>): Promise<T> {
      if (closed) throw new Error("The lake is closed.");
      if (waiting.length >= maxWaiting) {
        throw new AppError("engine-unavailable", `${waiting.length} queries are waiting already: come back later.`, {
          retryAfterMs: 2_000,
        });
      }
      const connection = await take();
      try {
        return await work(connection);
      } finally {
        giveBack(connection);
      }
    },
    /** Every connection comes back before it is ended. */
    async close(): Promise<void> {
      closed = true;
      const all = await Promise.all(connections.map(() => take()));
      for (const connection of all) connection.disconnectSync();
    },
  };
}
