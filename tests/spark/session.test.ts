import { describe, expect, it } from "vitest";
import { identifier, sql } from "~/lake/spark/sql/sql";
import { hexLiteral, longLiteral } from "~/lake/spark/sql/literals";
import { noSpark, sharedSession } from "../support/spark";

describe.skipIf(noSpark)("a session with Spark", () => {
  const session = sharedSession();

  it("gives every value exactly", async () => {
    const { columns, rows } = await session().query(sql`
      SELECT ${longLiteral(2n ** 53n + 1n)} AS big, ${longLiteral(-(2n ** 63n))} AS least, 1234567890123456789012.000001BD AS dec,
        TIMESTAMP'2026-11-21 09:30:00.123456' AS at, TIMESTAMP'0001-01-01 00:00:00' AS ancient, DATE'2026-11-21' AS day,
        X'00ff10' AS bytes, CAST('NaN' AS DOUBLE) AS nan, CAST('-Infinity' AS DOUBLE) AS infinite, 1.5F AS single,
        TRUE AS yes, 7Y AS tiny, 300S AS small, 70000 AS whole, ${hexLiteral("a\u{1F600}")} AS text, NULL AS none,
        to_json(array('x', NULL, 'y"')) AS list`);
    expect(columns.map(({ name, type }) => `${name} ${type}`)).toMatchInlineSnapshot(`
      [
        "big BIGINT",
        "least BIGINT",
        "dec DECIMAL",
        "at TIMESTAMP",
        "ancient TIMESTAMP",
        "day DATE",
        "bytes BINARY",
        "nan DOUBLE",
        "infinite DOUBLE",
        "single FLOAT",
        "yes BOOLEAN",
        "tiny TINYINT",
        "small SMALLINT",
        "whole INT",
        "text STRING",
        "none NULL",
        "list STRING",
      ]
    `);
    expect(rows).toEqual([
      [
        2n ** 53n + 1n,
        -(2n ** 63n),
        "1234567890123456789012.000001",
        BigInt(Date.UTC(2026, 10, 21, 9, 30)) * 1000n + 123_456n,
        -62_135_596_800_000_000n,
        "2026-11-21",
        Buffer.from([0, 255, 16]),
        NaN,
        -Infinity,
        1.5,
        true,
        7,
        300,
        70_000,
        "a\u{1F600}",
        null,
        '["x",null,"y\\""]',
      ],
    ]);
  });

  it("tells nulls from values by the bitmap, in every place of a byte", async () => {
    const { rows } = await session().query(
      sql`SELECT id, IF(id % 3 = 0, NULL, id) AS sparse FROM range(20) ORDER BY id`,
    );
    expect(rows.map(([, value]) => value)).toEqual(
      Array.from({ length: 20 }, (_, i) => (i % 3 === 0 ? null : BigInt(i))),
    );
  });

  it("streams a large answer in pages, each row once and in order", async () => {
    let next = 0n;
    let pages = 0;
    for await (const page of session().pages(sql`SELECT id, repeat('x', 100) FROM range(50000) ORDER BY id`)) {
      pages++;
      for (const [id] of page) expect(id).toBe(next++);
    }
    expect(next).toBe(50_000n);
    expect(pages).toBeGreaterThan(10);
  });

  it("goes on after a statement that Spark refuses, whose stack trace is only the cause", async () => {
    const failed = session().query(sql`SELECT * FROM ${identifier("no such table")}`);
    await expect(failed).rejects.toMatchObject({ name: "SparkError", errorClass: "TABLE_OR_VIEW_NOT_FOUND" });
    await expect(failed).rejects.toThrow(/^\[TABLE_OR_VIEW_NOT_FOUND\][^\n]*$/);
    expect((await session().query(sql`SELECT 1`)).rows).toEqual([[1]]);
  });

  it("cancels a query whose deadline has passed, and goes on", async () => {
    const slow = session().query(sql`SELECT count(*) FROM range(1000000000000) WHERE id % 7 = 3`, { deadlineMs: 500 });
    await expect(slow).rejects.toMatchObject({ code: "engine-unavailable" });
    expect(session().usable).toBe(true);
    expect((await session().query(sql`SELECT 1`)).rows).toEqual([[1]]);
  });

  it("cancels a query whose caller has gone, with the caller's reason", async () => {
    const caller = new AbortController();
    const slow = session().query(sql`SELECT count(*) FROM range(1000000000000) WHERE id % 7 = 4`, {
      signal: caller.signal,
    });
    caller.abort(new Error("The reader went away."));
    await expect(slow).rejects.toThrow("The reader went away.");
    expect((await session().query(sql`SELECT 1`)).rows).toEqual([[1]]);
  });
});
