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

export const overPool = (pool: Pool): ControlDb => drizzle(pool, { schema });
