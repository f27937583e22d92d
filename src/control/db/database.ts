/** An open database: the same client, types and SQL whether a Postgres server or the embedded one answers. */
import { drizzle, type NodePgDatabase } from "drizzle-orm/node-postgres";
import type { Pool } from "pg";
import { schema } from "./schema";

export type ControlDb = NodePgDatabase<typeof schema>;

/** What a transaction is given: the same queries, all or none of them. */
export type Tx = Parameters<Parameters<ControlDb["transaction"]>[0]>[0];

export interface Database {
  db: ControlDb;
  pool: Pool;
  /** Ends every connection; what runs in one is cut short. */
  close(): Promise<void>;
}

/** @param onLost a connection that nobody was using ended */
export function overPool(pool: Pool, onLost: (error: Error) => void): Database {
  pool.on("error", onLost);
  // One that is lent and ends between two queries tells its borrower with the next; an event that nobody hears would end us.
  pool.on("connect", (client) => client.on("error", () => undefined));
  return { db: drizzle(pool, { schema }), pool, close: () => pool.end() };
}
