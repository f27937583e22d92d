/** Brings a database to the schema of this program, one process at a time. */
import { drizzle } from "drizzle-orm/node-postgres";
import { readMigrationFiles } from "drizzle-orm/migrator";
import { migrate } from "drizzle-orm/node-postgres/migrator";
import type { Pool, PoolClient } from "pg";

/** Of the advisory lock: any number, as long as every Weir takes the same. */
const LOCK = 8_723_006;

/** The database knows a migration that this program does not. Only a newer program helps, so nobody tries again. */
export class NewerDatabase extends Error {
  override readonly name = "NewerDatabase";
}

/**
 * @param folder of the migrations that drizzle-kit wrote
 * @throws NewerDatabase
 */
export async function migrateDatabase(pool: Pool, folder: string): Promise<void> {
  const client = await pool.connect();
  try {
    // Another process may be at it for longer than any query of ours may take.
    await client.query("SET statement_timeout = 0");
    await client.query("SELECT pg_advisory_lock($1)", [LOCK]);
    await refuseNewer(client, folder);
    await migrate(drizzle(client), { migrationsFolder: folder });
    await client.query("SELECT pg_advisory_unlock($1)", [LOCK]);
    await client.query("RESET statement_timeout");
  } catch (error) {
    client.release(true); // the lock goes with the connection
    throw error;
  }
  client.release();
}

async function refuseNewer(client: PoolClient, folder: string): Promise<void> {
  const table = await client.query("SELECT to_regclass('drizzle.__drizzle_migrations') IS NOT NULL AS found");
  if (!(table.rows as { found: boolean }[])[0]!.found) return;
  const known = new Set(readMigrationFiles({ migrationsFolder: folder }).map(({ hash }) => hash));
  const applied = await client.query("SELECT hash FROM drizzle.__drizzle_migrations ORDER BY id");
  const unknown = (applied.rows as { hash: string }[]).filter(({ hash }) => !known.has(hash)).length;
  if (unknown === 0) return;
  throw new NewerDatabase(
    `The database of the control plane was migrated by a newer Weir (${unknown} of its migrations are unknown to this one): start that one.`,
  );
}
