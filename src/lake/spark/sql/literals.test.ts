import { describe, expect, it } from "vitest";
import {
  booleanLiteral,
  countLiteral,
  dateLiteral,
  decimalLiteral,
  doubleLiteral,
  hexLiteral,
  longLiteral,
  quotedLiteral,
  setStatement,
  timestampLiteral,
} from "./literals";
import { identifier, join, qualified, setting, sql, type Sql } from "./sql";

describe("a statement", () => {
  it("is made of its own words and of parts that are SQL already", () => {
    const where = join([sql`a = ${longLiteral(1)}`, sql`b = ${booleanLiteral(true)}`], sql` AND `);
    expect(sql`SELECT * FROM ${qualified("lake", "t")} WHERE ${where}`.text).toBe(
      "SELECT * FROM `lake`.`t` WHERE a = 1L AND b = TRUE",
    );
  });

  it("takes no plain string and nothing that only looks like SQL", () => {
    // @ts-expect-error -- a string has to go through an encoder
    const fromString = (): Sql => sql`SELECT ${"1; DROP TABLE t"}`;
    // @ts-expect-error -- the text alone does not make it one
    const lookalike: Sql = { text: "1" };
    expect([fromString, lookalike]).toHaveLength(2);
  });

  it("quotes names, whatever is in them (invariant 8)", () => {
    expect(identifier("a`; DROP TABLE t --").text).toBe("`a``; DROP TABLE t --`");
    expect(() => identifier("")).toThrow("no name");
    expect(() => identifier("a\0")).toThrow("no name");
    expect(() => identifier("\uD800")).toThrow("no name");
    expect(() => setting("a b; SELECT 1")).toThrow("no key of a setting");
  });
});

describe("a literal", () => {
  it.each<[Sql, string]>([
    [hexLiteral("a'\\"), "CAST(X'61275c' AS STRING)"],
    [hexLiteral(""), "CAST(X'' AS STRING)"],
    [quotedLiteral("it's C:\\n\n\x007"), "'it\\'s C:\\\\n\\n\\u00007'"],
    [longLiteral(-5), "-5L"],
    [longLiteral(-(2n ** 63n)), "(-9223372036854775807L - 1L)"],
    [longLiteral(2n ** 63n - 1n), "9223372036854775807L"],
    [countLiteral(10), "10"],
    [doubleLiteral(-0), "-0.0D"],
    [doubleLiteral(1e-7), "1e-7D"],
    [decimalLiteral("-12.30"), "-12.30BD"],
    [timestampLiteral(-1n), "timestamp_micros(-1L)"],
    [dateLiteral("2026-11-21"), "DATE'2026-11-21'"],
    [setStatement("weir_batch", "01J:a/b-c_d.e"), "SET weir_batch=01J:a/b-c_d.e"],
  ])("%# is rendered as it is meant", (literal, text) => {
    expect(literal.text).toBe(text);
  });

  it.each<[string, () => Sql, RegExp]>([
    ["half a surrogate pair", () => hexLiteral("a\uDC00"), /half of a surrogate pair/],
    ["half a pair in quotes", () => quotedLiteral("\uD83D"), /half of a surrogate pair/],
    ["a variable in quotes", () => quotedLiteral("${env:HOME}"), /takes no other literal/],
    ["a fraction as a long", () => longLiteral(1.5), /no whole number/],
    ["a number beyond its digits", () => longLiteral(2 ** 53), /no whole number/],
    ["65 bits", () => longLiteral(2n ** 63n), /beyond 64 bits/],
    ["NaN", () => doubleLiteral(NaN), /no number that SQL can hold/],
    ["infinity", () => doubleLiteral(Infinity), /no number that SQL can hold/],
    ["a negative count", () => countLiteral(-1), /no count/],
    ["39 digits", () => decimalLiteral("1".repeat(39)), /at most 38 digits/],
    ["a decimal with an exponent", () => decimalLiteral("1e5"), /no decimal/],
    ["a day that no month has", () => dateLiteral("2026-02-30"), /no day/],
    ["a day with more behind it", () => dateLiteral("2026-02-01' OR '1"), /no day/],
    ["a statement as a setting's value", () => setStatement("a", "1; DROP TABLE t"), /no value that SET can hold/],
    ["a variable as a setting's value", () => setStatement("a", "${env:HOME}"), /no value that SET can hold/],
  ])("refuses %s", (_, make, words) => {
    expect(make).toThrow(words);
  });
});
