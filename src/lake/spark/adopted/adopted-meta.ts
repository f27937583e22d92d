/** Hudi's columns beside a row, as they are in the table. */
import { sql } from "../sql/sql";
import { META_COLUMNS } from "../reader/snapshot-sql";
import { textColumn, type WireColumn } from "../reader/wire-columns";

/** commit time, commit seqno, record key, partition path, file name, and the path without the name of its column. */
export function adoptedMeta(): WireColumn[] {
  const value = sql`regexp_replace(${META_COLUMNS[3]!}, '^[^=/]*=', '')`;
  return [...META_COLUMNS, value].map(textColumn);
}
