/**
 * What a page shows of the tables, as SQL for whoever wants to go on elsewhere. Names and values are quoted as each engine wants
 * it, so that no text of a schema or of a path becomes more than that.
 */
import type { Feed } from "./feed";
import type { Instant } from "./instant";
import type { TableRole } from "./table-health/facts";
import type { StateFiles } from "./table-health/instants";

export interface SqlTable {
  role: TableRole;
  name: string;
  /** As Spark is told of it; null where that is not known here. */
  location: string | null;
}

export interface SqlAbout {
  feed: Feed;
  tables: readonly SqlTable[];
  /** Of which the rows are. */
  instant: Instant;
  isHead: boolean;
  /** Only rows that this very commit wrote. */
  onlyChanged: boolean;
  /** The commit of the state that carries it; null where it can no longer be read by the state's own files and timeline. */
  stateInstant: Instant | null;
  /** The files to be read for it; null where they are not known here. */
  files: StateFiles | null;
}

export interface SqlText {
  engine: "spark" | "trino" | "duckdb";
  title: string;
  sql: string;
}

const MOST_FILES = 500;

export const tableSql = (about: SqlAbout): SqlText[] => [
  { engine: "spark", title: "Spark SQL", sql: sparkSql(about) },
  { engine: "trino", title: "Trino", sql: trinoSql(about) },
  { engine: "duckdb", title: "DuckDB", sql: duckdbSql(about) },
];

const ticked = (name: string): string => `\`${name.replaceAll("`", "``")}\``;
const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;
/** DuckDB and Trino: quotes doubled. Spark: as they are, with backslashes before. */
const text = (value: string): string => `'${value.replaceAll("'", "''")}'`;
const sparkText = (value: string): string => `'${value.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;

/** The state is one row per key by itself; the log, and an append feed, hold versions of which the greatest counts. */
const isFolded = ({ feed }: SqlAbout, role: TableRole): boolean =>
  role === "log" || (role === "table" && feed.writeMode === "append");

function sparkSql(about: SqlAbout): string {
  const { instant, onlyChanged, isHead, stateInstant, tables } = about;
  const state = tables[0]!;
  const isState = stateInstant !== null || (isHead && !onlyChanged) || tables.length === 1;
  const table = isState ? state : tables.find(({ role }) => role === "log")!;
  const attach =
    table.location === null
      ? ""
      : `CREATE TABLE IF NOT EXISTS ${ticked(table.name)} USING hudi LOCATION ${sparkText(table.location)};\n`;
  const from = ticked(table.name);
  if (isFolded(about, table.role)) {
    const until = `${ticked("_hoodie_commit_time")} ${onlyChanged ? "=" : "<="} '${instant}'`;
    return `-- The newest version of each key among those committed until ${instant}, as far back as the log is kept.\n${attach}${folded(about, from, until, ticked, "spark")};`;
  }
  const asOf = isHead ? "" : ` TIMESTAMP AS OF '${stateInstant ?? instant}'`;
  const only = onlyChanged ? ` WHERE ${ticked("_hoodie_commit_time")} = '${stateInstant ?? instant}'` : "";
  return `${attach}SELECT * FROM ${from}${asOf}${only};`;
}

function trinoSql({ tables, instant, stateInstant, isHead, onlyChanged }: SqlAbout): string {
  const only = onlyChanged ? ` WHERE "_hoodie_commit_time" = '${stateInstant ?? instant}'` : "";
  const head = isHead
    ? `-- Trino reads the newest commit, which is ${instant} now.`
    : onlyChanged
      ? `-- Trino reads the newest commit only: of the rows of ${instant} those that no later commit changed.`
      : `-- Trino reads the newest commit only, not the state as of ${instant}: this is the present.`;
  return `${head}\nSELECT * FROM hudi.default.${quoted(tables[0]!.name)}${only};`;
}

function duckdbSql(about: SqlAbout): string {
  const { files, instant, stateInstant, onlyChanged } = about;
  if (files === null)
    return "-- The files of this state are not within reach of this server, or a clean has removed them.";
  if (files.paths.length > MOST_FILES)
    return `-- ${files.paths.length} files hold this state, too many to be named here: weir lake rows PATH --at ${instant} reads them.`;
  if (files.paths.length === 0) return `-- The table has no files as of ${instant}.`;
  const list = files.paths.map((path) => `  ${text(path)}`).join(",\n");
  const source = `read_parquet([\n${list}\n], union_by_name = true, hive_partitioning = false)`;
  if (isFolded(about, files.table)) {
    const until = `"_hoodie_commit_time" ${onlyChanged ? "=" : "<="} '${instant}'`;
    return `-- The newest version of each key among those committed until ${instant}, as far back as the log is kept.\n${folded(about, source, until, quoted, "duckdb")};`;
  }
  return `SELECT * FROM ${source}${onlyChanged ? ` WHERE "_hoodie_commit_time" = '${stateInstant ?? instant}'` : ""};`;
}

function folded(
  { feed }: SqlAbout,
  from: string,
  until: string,
  name: (name: string) => string,
  engine: "spark" | "duckdb",
): string {
  const column = (index: number) => name(feed.fields[index]!.name);
  const seqno = name("_hoodie_commit_seqno");
  const arrival =
    engine === "spark" ? `CAST(split(${seqno}, '_')[2] AS BIGINT)` : `CAST(split_part(${seqno}, '_', 3) AS BIGINT)`;
  const order = [
    `${column(feed.ordering)} DESC`,
    ...(feed.rank === null ? [] : [`${rankSql(feed.rank, column, engine)} DESC`]),
    `${name("_hoodie_commit_time")} DESC`,
    `${arrival} DESC`,
  ].join(", ");
  const place = `row_number() OVER (PARTITION BY ${column(feed.key)} ORDER BY ${order}) AS weir_place`;
  return `SELECT * FROM (\n  SELECT *, ${place}\n  FROM ${from}\n  WHERE ${until}\n) AS versions\nWHERE weir_place = 1`;
}

function rankSql(
  { field, of }: NonNullable<Feed["rank"]>,
  column: (index: number) => string,
  engine: "spark" | "duckdb",
): string {
  const value = engine === "spark" ? sparkText : text;
  const cases = [...of].map(([symbol, rank]) => `WHEN ${value(symbol)} THEN ${rank}`);
  return `CASE ${column(field)} ${cases.join(" ")} ELSE -1 END`;
}
