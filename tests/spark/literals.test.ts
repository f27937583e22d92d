/** Every text through a real server and back: what an encoder renders is what Spark reads (invariant 8). */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  dateLiteral,
  decimalLiteral,
  doubleLiteral,
  hexLiteral,
  longLiteral,
  quotedLiteral,
  timestampLiteral,
} from "~/lake/spark/sql/literals";
import { identifier, join, sql, type Sql } from "~/lake/spark/sql/sql";
import type { SparkValue } from "~/lake/spark/thrift/columns";
import { HOSTILE } from "../support/hostile-text";
import { noSpark, sharedSession } from "../support/spark";

const NASTY: readonly string[] = [
  ...HOSTILE,
  "",
  " ",
  "'",
  "''",
  "a''b",
  "\\",
  "\\'",
  "\\\\'",
  "\\%\\_",
  "\\u0041\\101\\0",
  "\0",
  "\x007",
  "a\nb\r\nc\td\be\x1A\x7F",
  '"',
  "`",
  "``",
  ";",
  "; DROP TABLE t;",
  "-- x",
  "/* x */",
  "/*+ BROADCAST(t) */",
  "${env:HOME}",
  "${system:user.name}",
  "${spark.app.name}",
  "${hiveconf:hive.exec.scratchdir}",
  "$${x}",
  "{{x}}",
  ":name ? ?1 @x #{x}",
  "X'00'",
  "NULL",
  "\u{1F600}",
  "a\u{1F600}b\u{10FFFF}",
  "\uFEFF\uFFFE\uFFFF",
  "\u202Eabc\u202C",
  "e\u0301 \u00E9",
  "\u2028\u2029\u0085",
  "İıßſ",
  "x".repeat(10_000),
];

/** One column per row would be a round trip each: the whole corpus goes in one statement. */
const asRows = (literals: readonly Sql[]): Sql =>
  sql`SELECT at, value FROM (VALUES ${join(literals.map((literal, i) => sql`(${longLiteral(i)}, ${literal})`))}) AS v(at, value) ORDER BY at`;

describe.skipIf(noSpark)("what is rendered as SQL", () => {
  const session = sharedSession();
  const roundTrip = async (literals: readonly Sql[]): Promise<SparkValue[]> =>
    (await session().query(asRows(literals))).rows.map(([, value]) => value!);

  it("keeps every nasty text, and replaces no variable in it", async () => {
    expect(await roundTrip(NASTY.map(hexLiteral))).toEqual(NASTY);
  });

  it("keeps nasty texts between quotes too, where the grammar wants quotes", async () => {
    const texts = NASTY.filter((text) => !text.includes("${"));
    expect(await roundTrip(texts.map(quotedLiteral))).toEqual(texts);
  });

  it("keeps any text at all", async () => {
    const wellFormed = fc.string({ unit: "binary", maxLength: 40 });
    await fc.assert(
      fc.asyncProperty(fc.array(wellFormed, { minLength: 100, maxLength: 200 }), async (texts) => {
        expect(await roundTrip(texts.map(hexLiteral))).toEqual(texts);
        const quotable = texts.filter((text) => !text.includes("${"));
        expect(await roundTrip(quotable.map(quotedLiteral))).toEqual(quotable);
      }),
      { numRuns: 3 },
    );
  });

  it("keeps any name", async () => {
    const names = NASTY.filter((name) => name !== "" && !name.includes("\0") && name.length < 200);
    const columns = names.map((name, i) => sql`${longLiteral(i)} AS ${identifier(name)}`);
    const answer = await session().query(sql`SELECT ${join(columns)}`);
    expect(answer.columns.map(({ name }) => name)).toEqual(names);
  });

  it("keeps numbers and times to the last digit", async () => {
    const longs = [0n, -1n, 2n ** 53n + 1n, 2n ** 63n - 1n, -(2n ** 63n)];
    expect(await roundTrip(longs.map(longLiteral))).toEqual(longs);
    const doubles = [0, -0, 1e-7, 5e-324, 1.7976931348623157e308, -123.456, 1e21, 0.1 + 0.2];
    expect(await roundTrip(doubles.map(doubleLiteral))).toEqual(doubles);
    const micros = [0n, -1n, 1_763_717_400_123_456n, -62_135_596_800_000_000n, 253_402_300_799_999_999n];
    expect(await roundTrip(micros.map(timestampLiteral))).toEqual(micros);
    expect(await roundTrip(["0001-01-01", "2026-11-21", "9999-12-31"].map(dateLiteral))).toEqual([
      "0001-01-01",
      "2026-11-21",
      "9999-12-31",
    ]);
    const { rows } = await session().query(sql`SELECT ${decimalLiteral("-12345678901234567890123456789.012345678")}`);
    expect(rows).toEqual([["-12345678901234567890123456789.012345678"]]);
  });
});
