import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { WireValue } from "../../model/value";
import { openEngine, type Engine } from "./connection";
import { fetchRows, resultColumn, textColumn, type ResultColumn } from "./rows";

let engine: Engine;
beforeAll(async () => {
  engine = await openEngine();
});
afterAll(() => engine.close());

const FEW = 10;
const MANY = 1_000_000;

const fetch = (inner: string, columns: readonly ResultColumn[], expected: number): Promise<WireValue[][]> =>
  engine.read((connection) => fetchRows(connection, inner, columns, "i", expected));

/** Rows of several blocks with nulls in every column. */
const SEVERAL_BLOCKS = `SELECT i, i * 1800000000000000 AS big,
    CASE WHEN i % 3 = 0 THEN NULL WHEN i % 3 = 1 THEN '' ELSE 'text ü 💥 ' || (i % 700) END AS text,
    CASE WHEN i % 5 = 0 THEN NULL ELSE ['RED', 'BLUE'][1 + i % 2] END AS colour,
    CASE WHEN i % 7 = 0 THEN 'NaN'::DOUBLE ELSE i / 8 END AS ratio,
    CASE WHEN i % 4 = 0 THEN NULL ELSE MAP {'k"': 'v' || (i % 900)} END AS labels,
    CASE WHEN i % 4 = 1 THEN NULL ELSE [i, NULL, -i] END AS numbers,
    make_timestamptz(i * 1000000) AS moment, i % 2 = 0 AS flag, encode('b' || i) AS raw,
    DATE '1969-12-31' + i::INTEGER AS day, (i / 4)::DECIMAL(38, 2) AS amount
  FROM range(5000) t(i)`;

const COLUMNS: readonly ResultColumn[] = [
  resultColumn({ kind: "long" }, "i"),
  resultColumn({ kind: "long" }, "big"),
  textColumn("text"),
  resultColumn({ kind: "enum", symbols: ["RED", "BLUE"] }, "colour"),
  resultColumn({ kind: "double" }, "ratio"),
  resultColumn({ kind: "map", values: { kind: "string" }, valuesNullable: false }, "labels"),
  resultColumn({ kind: "array", items: { kind: "long" }, itemsNullable: true }, "numbers"),
  resultColumn({ kind: "timestamp", unit: "millis" }, "moment"),
  resultColumn({ kind: "boolean" }, "flag"),
  resultColumn({ kind: "bytes" }, "raw"),
  resultColumn({ kind: "date" }, "day"),
  resultColumn({ kind: "decimal", precision: 20, scale: 2 }, "amount"),
];

describe("rows of a result", () => {
  it("have the same values in blocks and value by value", async () => {
    const rows = await fetch(SEVERAL_BLOCKS, COLUMNS, MANY);
    expect(rows).toHaveLength(5_000);
    expect(rows).toEqual(await fetch(SEVERAL_BLOCKS, COLUMNS, FEW));
    expect(rows[4999]).toEqual([
      4999,
      "8998200000000000000",
      "",
      "BLUE",
      624.875,
      { 'k"': "v499" },
      [4999, null, -4999],
      4_999_000,
      false,
      Buffer.from("b4999").toString("base64"),
      4998,
      "1249.75",
    ]);
    expect(rows[0]).toEqual([0, 0, null, null, "NaN", null, [0, null, 0], 0, true, "YjA=", -1, "0.00"]);
  });

  it.each([
    ["a NUL", "'a' || chr(0) || 'b'", "a\0b"],
    ["the mark that stands for null", "chr(1)", "\u0001"],
    ["a byte order mark", "chr(65279) || 'x'", "\ufeffx"],
  ])("keep a text with %s", async (_, sql, text) => {
    const inner = `SELECT i, CASE WHEN i = 1500 THEN ${sql} WHEN i % 2 = 0 THEN NULL ELSE 'x' END AS t FROM range(3000) t(i)`;
    const rows = await fetch(inner, [textColumn("t")], MANY);
    expect(rows).toHaveLength(3_000);
    expect(rows[1500]).toEqual([text]);
    expect(rows.slice(1498, 1500)).toEqual([[null], ["x"]]);
  });

  it("are none when there are none", async () => {
    expect(await fetch("SELECT 1 AS i WHERE false", [textColumn("i::VARCHAR")], MANY)).toEqual([]);
  });

  it("keep texts of a megabyte", async () => {
    const inner = "SELECT i, repeat('ü', 500000) || i AS t FROM range(12) t(i)";
    const rows = await fetch(inner, [textColumn("t")], MANY);
    expect(rows.map(([t]) => (t as string).length)).toEqual(rows.map((_, i) => 500_000 + String(i).length));
  });
});
