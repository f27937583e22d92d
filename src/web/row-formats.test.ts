import { describe, expect, it } from "vitest";
import { eventRow, pipelineFeed as feed } from "../../tests/support/pipeline-feed";
import { chooseFormat, rowShape, rowWriter, withMetaValues, type RowFormat } from "./row-formats";

const row = eventRow({
  errorMessage: '=HYPERLINK("http://evil.example")',
  host: "-2+3",
  processedRecordCount: -5,
  qualityScore: "-Infinity",
});
const index = (name: string) => feed.fields.findIndex((field) => field.name === name);
const written = (format: RowFormat, columns: readonly string[]) => {
  const writer = rowWriter(format, rowShape(feed, false, columns.map(index)), { feed: "x" });
  return writer.begin() + writer.rows([row]) + writer.end(null);
};

describe("rowWriter", () => {
  it("writes only the columns that are asked for, in their order, in every form", () => {
    expect(written("csv", ["status", "eventId"])).toBe("status,eventId\r\nCOMPLETED,e-1\r\n");
    expect(written("ndjson", ["status", "eventId"])).toBe('{"status":"COMPLETED","eventId":"e-1"}\n');
    expect(JSON.parse(written("json", ["status"]))).toEqual({
      feed: "x",
      rows: [{ status: "COMPLETED" }],
      next: null,
    });
  });

  it("keeps spreadsheets from running what a publisher wrote; numbers and other forms stay as they are (invariant 8)", () => {
    const [, line] = written("csv", ["errorMessage", "host", "processedRecordCount", "qualityScore"]).split("\r\n");
    expect(line).toBe(`"'=HYPERLINK(""http://evil.example"")",'-2+3,-5,-Infinity`);
    expect(written("ndjson", ["host"])).toBe('{"host":"-2+3"}\n');
  });

  it("picks columns among Hudi's own", () => {
    const shape = rowShape(feed, true, [index("status")]);
    expect(shape.names).toEqual([
      "_hoodie_commit_time",
      "_hoodie_commit_seqno",
      "_hoodie_record_key",
      "_hoodie_partition_path",
      "_hoodie_file_name",
      "status",
      "event_date",
    ]);
    const values = withMetaValues(row, ["t", "s", "k", "p", "f", "2026-11-21"]);
    expect(rowWriter("csv", shape, {}).rows([values])).toBe("t,s,k,p,f,COMPLETED,2026-11-21\r\n");
  });
});

describe("the format of an answer", () => {
  it.each([
    [null, "json"],
    ["*/*", "json"],
    ["text/html,application/xhtml+xml;q=0.9,*/*;q=0.8", "json"],
    ["image/png", "json"],
    ["text/csv", "csv"],
    ["text/*", "csv"],
    ["text/csv;q=0.1, application/json", "json"],
    ["application/json;q=0, text/csv;q=0.2, application/x-ndjson;q=0.5", "ndjson"],
    ["Application/NDJSON; charset=utf-8", "ndjson"],
    [", ;q=, text/csv;q=nonsense", "json"],
  ])("for Accept: %s is %s", (accept, format) => {
    expect(chooseFormat(null, accept)).toBe(format);
  });

  it("is what the address says, whatever the client accepts", () => {
    expect(chooseFormat("ndjson", "text/csv")).toBe("ndjson");
    expect(() => chooseFormat("xml", "text/csv")).toThrow('format must be json, ndjson or csv, not "xml"');
  });
});
