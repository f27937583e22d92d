/** Any value that ingest takes comes out of the tables as it went in, and none of them stops a commit. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { feedFromSchema } from "~/model/feed-from-schema";
import { temporaryFolder } from "../support/temporary-folder";
import { openTestIngest } from "../support/test-ingest";

const NINE = Date.UTC(2026, 10, 21, 9);

const nullable = (type: unknown) => ["null", type];
const feed = feedFromSchema(
  {
    type: "record",
    name: "Everything",
    weir: { feed: "everything", key: "id", ordering: "at", eventTime: "at", write: "upsert" },
    fields: [
      { name: "id", type: "string" },
      { name: "at", type: { type: "long", logicalType: "timestamp-millis" } },
      { name: "text", type: nullable("string"), default: null },
      { name: "whole", type: nullable("long"), default: null },
      { name: "small", type: nullable("int"), default: null },
      { name: "real", type: nullable("double"), default: null },
      { name: "single", type: nullable("float"), default: null },
      { name: "flag", type: nullable("boolean"), default: null },
      { name: "millis", type: nullable({ type: "long", logicalType: "timestamp-millis" }), default: null },
      { name: "micros", type: nullable({ type: "long", logicalType: "timestamp-micros" }), default: null },
      { name: "day", type: nullable({ type: "int", logicalType: "date" }), default: null },
      {
        name: "amount",
        type: nullable({ type: "bytes", logicalType: "decimal", precision: 38, scale: 9 }),
        default: null,
      },
      { name: "raw", type: nullable("bytes"), default: null },
      { name: "list", type: nullable({ type: "array", items: "string" }), default: null },
      { name: "labels", type: nullable({ type: "map", values: nullable("long") }), default: null },
      {
        name: "place",
        type: nullable({
          type: "record",
          name: "Place",
          fields: [
            { name: "city", type: nullable("string"), default: null },
            { name: "spots", type: { type: "array", items: { type: "map", values: "double" } }, default: [] },
          ],
        }),
        default: null,
      },
    ],
  },
  () => "0",
);

const text = fc.string({ unit: "binary", maxLength: 30 });
const long = fc.oneof(
  fc.maxSafeInteger(),
  fc.bigInt({ min: 2n ** 53n, max: 2n ** 63n - 1n }).map(String),
  fc.bigInt({ min: -(2n ** 63n), max: -(2n ** 53n) }).map(String),
);
const real = (single: boolean) =>
  (single ? fc.float() : fc.double()).map((n) => (n === 0 ? 0 : Number.isFinite(n) ? n : String(n)));
const key = text.filter((name) => name !== "__proto__");
const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: null });
const decimal = fc.tuple(fc.boolean(), fc.bigInt({ min: 1n, max: 10n ** 38n - 1n })).map(([isNegative, n]) => {
  const digits = n.toString().padStart(10, "0");
  return `${isNegative ? "-" : ""}${digits.slice(0, -9)}.${digits.slice(-9)}`;
});

const values = fc.record(
  {
    at: fc.integer({ min: NINE - 86_400_000, max: NINE + 86_400_000 }),
    text: maybe(text),
    whole: maybe(long),
    small: maybe(fc.integer()),
    real: maybe(real(false)),
    single: maybe(real(true)),
    flag: maybe(fc.boolean()),
    millis: maybe(fc.integer({ min: -8.64e15, max: 8.64e15 })),
    micros: maybe(fc.maxSafeInteger()),
    day: maybe(fc.integer({ min: -1e8, max: 1e8 })),
    amount: maybe(decimal),
    raw: maybe(fc.uint8Array({ maxLength: 20 }).map((bytes) => Buffer.from(bytes).toString("base64"))),
    list: maybe(fc.array(text, { maxLength: 4 })),
    labels: maybe(fc.dictionary(key, maybe(long), { maxKeys: 4, noNullPrototype: true })),
    place: maybe(
      fc.record(
        {
          city: maybe(text),
          spots: fc.array(fc.dictionary(key, real(false), { maxKeys: 2, noNullPrototype: true }), { maxLength: 2 }),
        },
        { noNullPrototype: true },
      ),
    ),
  },
  { noNullPrototype: true },
);

test("rows of any values are in the table as they were sent", async () => {
  const events = fc.sample(values, { numRuns: 600, seed: 7 }).map((event, i) => ({ id: `e-${i}`, ...event }));
  const { ingest, rows } = await openTestIngest({ folder: await temporaryFolder(), feed, now: () => NINE });
  const send = async (part: object[]) => {
    const body = (async function* () {
      yield await Promise.resolve(Buffer.from(JSON.stringify(part)));
    })();
    return ingest.accept(feed.name, { contentType: "application/json", contentEncoding: null, body, source: "test" });
  };
  for (let start = 0; start < events.length; start += 200) {
    expect(await send(events.slice(start, start + 200))).toEqual({ accepted: 200, rejected: [] });
  }
  const found = new Map((await rows()).map((row) => [row["id"], row]));
  expect(found.size).toBe(events.length);
  for (const event of events) expect(found.get(event.id)).toEqual(event);
});
