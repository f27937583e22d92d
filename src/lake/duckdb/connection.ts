/**
 * DuckDB, once per lake: an instance in memory that holds no data but the writers' indexes. It reads and writes Parquet
 * files; all of its work happens off the main thread.
 *
 * Connections are lent, one statement stream at a time each: `read` for queries, `write` for the statements of a commit
 * that may run beside each other. Each lender is a queue in arrival order with a fixed number of connections, so readers
 * never wait for a commit.
 */
import { DuckDBInstance, type DuckDBConnection } from "@duckdb/node-api";

export type { DuckDBConnection };

export interface Engine {
  /** Lends a connection for queries. */
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
}

const THREADS = 2;
/** Two commits' statements at a time use both threads; more would only add memory. */
const WRITERS = 2;
const READERS = 2;
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
  const pool = async (size: number) => lender(await Promise.all(Array.from({ length: size }, connect)));
  const readers = await pool(options.readers ?? READERS);
  const writers = await pool(WRITERS);
  return {
    read: readers.lend,
    write: writers.lend,
    async close() {
      await Promise.all([readers.close(), writers.close()]);
      instance.closeSync();
    },
  };
}

function lender(connections: readonly DuckDBConnection[]) {
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
