import { describe, expect, it } from "vitest";
import { eventRow, NINE, pipelineFeed } from "../../../../tests/support/pipeline-feed";
import { openEngine } from "../connection";
import { columnOf } from "../filter-sql";
import { feedColumns, fetchRows } from "../rows";
import { assertFollowable, projection, type FileColumns } from "./columns";

/** What a feed's rows are over a relation of other columns. */
async function rowsOver(select: string) {
  const engine = await openEngine();
  try {
    return await engine.read(async (connection) => {
      const described = await connection.runAndReadAll(`DESCRIBE ${select}`);
      const columns: FileColumns = new Map(
        described
          .getRowsJS()
          .map(([name, type]) => [String(name).toLowerCase(), { name: String(name), type: String(type) }]),
      );
      assertFollowable(pipelineFeed, columns, "events");
      const sql = `SELECT ${projection(pipelineFeed, columns)} FROM (${select})`;
      const wanted = feedColumns(pipelineFeed, (field) => columnOf(pipelineFeed, field));
      return fetchRows(connection, sql, wanted, '"eventId"', 10);
    });
  } finally {
    await engine.close();
  }
}

const plain = `'e-1' AS EVENTID, 'batch-1' AS correlationId, 'orders' AS pipelineName, 'load' AS stageName, 'COMPLETED' AS status`;

describe("columns of somebody else's table", () => {
  it("may hold times as plain milliseconds, and lack what came later", async () => {
    const rows = await rowsOver(`SELECT ${plain}, ${NINE}::BIGINT AS eventTimestamp, ${NINE}::BIGINT AS lastUpdatedAt`);
    expect(rows).toEqual([eventRow({})]);
  });

  it("may have other types, which are read as far as they go", async () => {
    const rows = await rowsOver(`SELECT ${plain}, TIMESTAMP '2026-11-21 09:00:00' AS eventTimestamp,
      '2026-11-21T09:00:00Z' AS lastUpdatedAt, 7::SMALLINT AS processedRecordCount, 'n/a' AS sourceRecordCount,
      '0.5' AS qualityScore, MAP {'a': 1} AS labels, 5 AS host, 'blue' AS cluster`);
    expect(rows).toEqual([eventRow({ processedRecordCount: 7, qualityScore: 0.5, labels: { a: "1" }, host: "5" })]);
  });

  it("may be absent where they must not be: a text is empty, an ordering value is the event's time", async () => {
    const rows =
      await rowsOver(`SELECT 'e-1' AS eventId, NULL::VARCHAR AS pipelineName, ${NINE}::BIGINT AS eventTimestamp,
      NULL::BIGINT AS lastUpdatedAt`);
    expect(rows).toEqual([eventRow({ correlationId: "", pipelineName: "", stageName: "", status: "" })]);
  });

  it("may hold numbers that are no times", async () => {
    const rows = await rowsOver(
      `SELECT ${plain}, ${NINE}::BIGINT AS eventTimestamp, 9223372036854775807 AS lastUpdatedAt`,
    );
    expect(rows).toEqual([eventRow({})]);
  });

  it("are refused without key, event time or ordering field, each by its name", async () => {
    await expect(rowsOver("SELECT 'e-1' AS eventId")).rejects.toThrow(
      "The table events has no column eventTimestamp, lastUpdatedAt, which the feed pipeline_events needs",
    );
  });
});
