import type { Pool } from "pg";

/**
 * A text that differs from an earlier one if anything was committed in between: it names all transactions that the database
 * has seen the end of (PostgreSQL manual, "Transaction ID and Snapshot Information Functions"). It may differ without reason,
 * since other programs' transactions on the server count too.
 */
export async function revisionOf(pool: Pool): Promise<string> {
  const { rows } = await pool.query<{ revision: string }>("SELECT pg_current_snapshot()::text AS revision");
  return rows[0]!.revision;
}
