/** A Postgres server, through a pool of connections. */
import { Pool } from "pg";
import { overPool, type Database } from "./database";

const CONNECTIONS = 10;
const CONNECT_TIMEOUT_MS = 5_000;
/** People wait for these: what takes longer is a fault. */
const STATEMENT_TIMEOUT_MS = 15_000;
const IDLE_TIMEOUT_MS = 30_000;

/**
 * Connects on the first query.
 *
 * @param url `postgres://user:password@host:port/database?sslmode=…`
 * @param onLost a connection that nobody was using ended
 */
export function openPostgres(url: string, onLost: (error: Error) => void): Database {
  const pool = new Pool({
    connectionString: url,
    application_name: "weir",
    max: CONNECTIONS,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    idleTimeoutMillis: IDLE_TIMEOUT_MS,
    statement_timeout: STATEMENT_TIMEOUT_MS,
    // A server that is gone without a word would be waited for as long as the kernel does.
    query_timeout: STATEMENT_TIMEOUT_MS + 1_000,
    keepAlive: true,
  });
  return overPool(pool, onLost);
}
