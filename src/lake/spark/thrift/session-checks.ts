/** What has to hold in a session before a statement is believed in it. */
import { describeAddress, type SparkAddress } from "../spark-url";
import { setting, sql } from "../sql/sql";
import type { SparkSession } from "./session";
import { unavailable } from "./faults";

/** Asked for with every session: the server's own defaults may be others. */
export const SESSION_CONF = {
  "spark.sql.session.timeZone": "UTC",
  "spark.sql.variable.substitute": "false",
  "spark.sql.parser.escapedStringLiterals": "false",
  // Files of pins: times as every reader of Parquet takes them, and those of long ago too.
  "spark.sql.parquet.outputTimestampType": "TIMESTAMP_MICROS",
  "spark.sql.parquet.datetimeRebaseModeInWrite": "CORRECTED",
  "spark.sql.parquet.datetimeRebaseModeInRead": "CORRECTED",
  "spark.sql.files.maxRecordsPerFile": "0",
} as const;

const RELATION_CACHE = "spark.sql.filesourceTableRelationCacheSize";

/**
 * @throws AppError engine-unavailable with a sentence that names the setting which is wrong, and what it has to be
 */
export async function checkSession(session: SparkSession, address: SparkAddress): Promise<void> {
  const { rows } = await session.query(
    sql`SELECT current_timezone(), '\${weir}' = concat('$', '{weir}'), length('\\n') = 1`,
  );
  const [zone, leavesVariables, unescapes] = rows[0] ?? [];
  if (zone !== "UTC") refuse(address, "spark.sql.session.timeZone", String(zone), "UTC");
  if (leavesVariables !== true) refuse(address, "spark.sql.variable.substitute", "true", "false");
  if (unescapes !== true) refuse(address, "spark.sql.parser.escapedStringLiterals", "true", "false");
  const cache = await session.query(sql`SET ${setting(RELATION_CACHE)}`);
  const size = cache.rows[0]?.[1];
  // A session would go on seeing the commit that it saw first, and miss files once they are cleaned.
  if (size !== "0") refuse(address, RELATION_CACHE, String(size), "0 (when the server is started)");
}

function refuse(address: SparkAddress, key: string, found: string, wanted: string): never {
  throw unavailable(`Spark at ${describeAddress(address)} runs with ${key}=${found}; it has to be ${wanted}.`);
}
