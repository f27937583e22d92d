import { describe, expect, it } from "vitest";
import { pipelineFeed } from "../../tests/support/pipeline-feed";
import { tableSql, type SqlAbout } from "./table-sql";

const AT = "20261121101500123";
const about = (more: Partial<SqlAbout> = {}): SqlAbout => ({
  feed: pipelineFeed,
  tables: [
    { role: "state", name: "pipeline_events", location: "/lake/pipeline_events" },
    { role: "log", name: "pipeline_events_log", location: "/lake/pipeline_events_log" },
  ],
  instant: AT,
  isHead: false,
  onlyChanged: false,
  stateReaches: true,
  files: { table: "state", paths: ["/lake/pipeline_events/a.parquet"] },
  ...more,
});
const sql = (engine: string, more: Partial<SqlAbout> = {}) =>
  tableSql(about(more)).find((text) => text.engine === engine)!.sql;

describe("what is shown, as SQL", () => {
  it("goes back on Spark by the state while that reaches, by the log beyond, and nowhere for the head", () => {
    expect(sql("spark")).toBe(
      "CREATE TABLE IF NOT EXISTS `pipeline_events` USING hudi LOCATION '/lake/pipeline_events';\n" +
        `SELECT * FROM \`pipeline_events\` TIMESTAMP AS OF '${AT}';`,
    );
    expect(sql("spark", { stateReaches: false })).toContain("FROM `pipeline_events_log`");
    expect(sql("spark", { stateReaches: false })).toContain(`\`_hoodie_commit_time\` <= '${AT}'`);
    expect(sql("spark", { isHead: true })).not.toContain("TIMESTAMP AS OF");
  });

  it("says of Trino that it is the head", () => {
    expect(sql("trino")).toContain(`-- Trino reads the newest commit only, not the state as of ${AT}`);
    expect(sql("trino", { isHead: true })).toContain('SELECT * FROM hudi.default."pipeline_events";');
  });

  it("names the files of the state for DuckDB, or says why it cannot", () => {
    expect(sql("duckdb")).toContain("  '/lake/pipeline_events/a.parquet'\n");
    expect(sql("duckdb", { onlyChanged: true })).toContain(`WHERE "_hoodie_commit_time" = '${AT}'`);
    expect(sql("duckdb", { files: null })).toMatch(/^-- The files of this state are not within reach/);
    const paths = Array.from({ length: 501 }, (_, i) => `/lake/${i}.parquet`);
    expect(sql("duckdb", { files: { table: "state", paths } })).toMatch(/^-- 501 files hold this state, too many/);
  });

  it("keeps every name in its quotes (invariant 8)", () => {
    const location = "/it's \\ a `place\"";
    const tables = [{ role: "table" as const, name: 'na"m`e', location }];
    const hostile = { tables, files: { table: "table" as const, paths: [`${location}.parquet`] } };
    expect(sql("spark", hostile)).toContain("`na\"m``e` USING hudi LOCATION '/it\\'s \\\\ a `place\"'");
    expect(sql("duckdb", hostile)).toContain("'/it''s \\ a `place\".parquet'");
    expect(sql("trino", hostile)).toContain('hudi.default."na""m`e"');
  });
});
