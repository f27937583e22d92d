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
  stateInstant: AT,
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
    expect(sql("spark", { stateInstant: null })).toContain("FROM `pipeline_events_log`");
    expect(sql("spark", { stateInstant: null })).toContain(`\`_hoodie_commit_time\` <= '${AT}'`);
    expect(sql("spark", { isHead: true })).not.toContain("TIMESTAMP AS OF");
  });

  it("asks the state for the commit that carries the instant, which is another one where Spark wrote it", () => {
    const stateInstant = "20261121101501456";
    expect(sql("spark", { stateInstant })).toContain(`\`pipeline_events\` TIMESTAMP AS OF '${stateInstant}'`);
    const written = `_hoodie_commit_time\` = '${stateInstant}'`;
    expect(sql("spark", { stateInstant, isHead: true, onlyChanged: true })).toContain(written);
    expect(sql("duckdb", { stateInstant, onlyChanged: true })).toContain(`_hoodie_commit_time" = '${stateInstant}'`);
    // Where it is not known, the log has what the commit brought, and the state without more is the head.
    const unknown = { stateInstant: null, isHead: true };
    expect(sql("spark", { ...unknown, onlyChanged: true })).toContain("FROM `pipeline_events_log`");
    expect(sql("spark", unknown)).toContain("SELECT * FROM `pipeline_events`;");
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
