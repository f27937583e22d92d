import { deflateRawSync } from "node:zlib";
import avro from "avsc";
import fc from "fast-check";
import { describe, expect, test, vi } from "vitest";
import { rawContainer, writeContainer } from "../../tests/support/avro-writer";
import { eventRow, NINE, pipelineFeed } from "../../tests/support/pipeline-feed";
import { AppError } from "../model/app-error";
import { feedFromSchema } from "../model/feed-from-schema";
import type { Feed } from "../model/feed";
import type { WireValue } from "../model/value";
import { fileEncoder } from "./avro/encode";
import { feedCodec } from "./codec";
import type { Batch } from "./batch";
import type { BodyFormat } from "./receive";

// Tens of thousands of rows and hundreds of runs take a while on a busy machine.
vi.setConfig({ testTimeout: 30_000 });

const NOW = NINE + 60_000;
const MAX_BODY = 4 * 1024 * 1024;
const codec = feedCodec(pipelineFeed, MAX_BODY);

const decode = (format: BodyFormat, body: string | Buffer, feedsCodec = codec): Batch =>
  feedsCodec.decode(format, Buffer.from(body as string), NOW);

/** What a publisher sends: the required fields, and what the test is about. */
const event = (more: Record<string, unknown> = {}) => ({
  eventId: "e-1",
  correlationId: "batch-1",
  pipelineName: "orders",
  stageName: "load",
  status: "COMPLETED",
  eventTimestamp: NINE,
  lastUpdatedAt: NINE,
  ...more,
});

const json = (more: Record<string, unknown> = {}) => JSON.stringify(event(more));

function refusal(batch: Batch) {
  expect(batch.rows).toEqual([]);
  expect(batch.rejected).toHaveLength(1);
  const { field, reason } = batch.rejected[0]!;
  return { field, reason };
}

function thrown(work: () => unknown): AppError {
  try {
    work();
  } catch (error) {
    expect(error).toBeInstanceOf(AppError);
    return error as AppError;
  }
  throw new Error("Nothing was thrown.");
}

/** A feed of one field `v` of this type beside what every feed needs. */
function feedOfField(type: unknown, more: object = {}): Feed {
  const schema = {
    type: "record",
    name: "E",
    weir: { feed: "things", key: "id", ordering: "at", eventTime: "at" },
    fields: [
      { name: "id", type: "string" },
      { name: "at", type: { type: "long", logicalType: "timestamp-millis" } },
      { name: "v", type, ...more },
    ],
  };
  return feedFromSchema(schema, () => "0");
}

describe("JSON", () => {
  test("an object, an array and lines are events; what is left out is null, unknown members are ignored", () => {
    const row = eventRow({ processedRecordCount: 7 });
    const text = json({ processedRecordCount: 7, unknown: { any: ["thing"] } });
    expect(decode("json", text)).toEqual({ rows: [row], rejected: [] });
    expect(decode("json", `[${text}, ${text}]`).rows).toEqual([row, row]);
    expect(decode("ndjson", `${text}\r\n\n${text}`).rows).toEqual([row, row]);
    expect(decode("json", "[]")).toEqual({ rows: [], rejected: [] });
  });

  test("longs keep their digits beyond 2^53, as numbers and as decimal strings", () => {
    for (const [sent, kept] of [
      ["9007199254740993", "9007199254740993"],
      ["-9223372036854775808", "-9223372036854775808"],
      ['"9223372036854775807"', "9223372036854775807"],
      ['"12"', 12],
      ["-0", 0],
    ] as const) {
      const body = json({ processedRecordCount: "here" }).replace('"here"', sent);
      expect(decode("json", body).rows[0]![6], sent).toBe(kept);
    }
  });

  test.each([
    ["9223372036854775808", "must be a whole number of 64 bits, not 9223372036854775808"],
    ["1.5", "must be a whole number (a decimal string beyond 2^53), not 1.5"],
    ["1e300", "must be a whole number (a decimal string beyond 2^53), not 1e+300"],
    ['"x"', 'must be a whole number (a decimal string beyond 2^53), not "x"'],
    [
      '{"long":5}',
      'must be a whole number (a decimal string beyond 2^53), not {"long":5} (send plain values, not Avro-JSON unions)',
    ],
  ])("a count of %s is refused", (sent, reason) => {
    const body = json({ processedRecordCount: "here" }).replace('"here"', sent);
    expect(refusal(decode("json", body))).toEqual({ field: "processedRecordCount", reason });
  });

  test.each<[string, Record<string, unknown>, string, RegExp]>([
    ["a missing key", { eventId: undefined }, "eventId", /^is missing$/],
    ["a key of null", { eventId: null }, "eventId", /^must not be null$/],
    ["an empty key", { eventId: "" }, "eventId", /^must not be empty$/],
    [
      "a key that is too long",
      { eventId: "x".repeat(1_025) },
      "eventId",
      /^has 1025 characters; a key has at most 1024$/,
    ],
    ["a key with NUL", { eventId: "a\0b" }, "eventId", /NUL or half a character/],
    ["a key with half a surrogate pair", { eventId: "a\ud83d" }, "eventId", /NUL or half a character/],
    [
      "an unknown symbol",
      { status: "DONE" },
      "status",
      /^must be one of STARTED, RUNNING, COMPLETED, FAILED, RETRYING, not "DONE"$/,
    ],
    ["a time in seconds", { eventTimestamp: 1_795_000_000 }, "eventTimestamp", /^1795000000 looks like seconds/],
    [
      "a time as text",
      { eventTimestamp: "2026-11-21T09:00:00Z" },
      "eventTimestamp",
      /^must be a time in epoch milliseconds/,
    ],
    [
      "a time far ahead",
      { lastUpdatedAt: NOW + 25 * 3_600_000 },
      "lastUpdatedAt",
      /25 hours in the future; at most 24/,
    ],
    ["an address that runs code", { url: "javascript:alert(1)" }, "url", /^must be an address that begins with http/],
    ["an address without host", { url: "http://" }, "url", /^must be an address that begins with http/],
    ["a number too large for a double", { qualityScore: "here" }, "qualityScore", /^is a number that is too large$/],
    ["an int of 33 bits", { attempt: 2 ** 32 }, "attempt", /^must be a whole number of 32 bits/],
    ["a label that is no text", { labels: { team: 5 } }, 'labels."team"', /^must be a string, not 5$/],
    [
      "a label named __proto__",
      JSON.parse('{"labels":{"__proto__":"x"}}') as Record<string, unknown>,
      "labels",
      /__proto__/,
    ],
  ])("%s is refused", (_what, more, field, reason) => {
    const found = refusal(decode("json", json(more).replace('"here"', "1e999")));
    expect(found.field).toBe(field);
    expect(found.reason).toMatch(reason);
  });

  test("a time of 24 hours ahead is taken, and one of 1973", () => {
    expect(decode("json", json({ lastUpdatedAt: NOW + 24 * 3_600_000, eventTimestamp: 1e11 })).rows).toHaveLength(1);
  });

  test("a message that was cut in the middle of an emoji is taken, with the replacement character of UTF-8", () => {
    expect(decode("json", json({ errorMessage: "gone \ud83d" })).rows[0]![8]).toBe("gone \ufffd");
  });

  test("good events beside bad ones are kept, in their order, and the bad ones as they were written", () => {
    const odd = '{ "eventId" : "odd, [or] \\"not\\"" , "n": 12345678901234567890 }';
    const batch = decode("json", `[${json()},\n ${odd} , ${json({ eventId: "e-2" })}, 5]`);
    expect(batch.rows.map((row) => row[0])).toEqual(["e-1", "e-2"]);
    expect(batch.rejected.map(({ index, reason }) => [index, reason])).toEqual([
      [1, "is missing"],
      [3, "an event is a JSON object, not 5"],
    ]);
    expect(batch.rejected[0]!.raw).toEqual({ format: "json", bytes: Buffer.from(odd) });
  });

  test("a line that is no JSON costs the line", () => {
    const batch = decode("ndjson", `${json()}\n{"eventId":\n${json()}\n`);
    expect(batch.rows).toHaveLength(2);
    expect(batch.rejected[0]).toMatchObject({ index: 1, raw: { format: "json", bytes: Buffer.from('{"eventId":') } });
    expect(batch.rejected[0]!.reason).toMatch(/^is not a line of JSON: /);
  });

  test("a line that is no UTF-8 costs the line", () => {
    const batch = decode("ndjson", Buffer.concat([Buffer.from('{"eventId":"\xff"}\n', "latin1"), Buffer.from(json())]));
    expect(batch.rows).toHaveLength(1);
    expect(batch.rejected[0]!.reason).toMatch(/not UTF-8/);
  });

  test("an event larger than 1 MB is refused, its neighbours are not", () => {
    const large = json({ errorMessage: "x".repeat(1_000_000) });
    for (const batch of [decode("json", `[${json()},${large}]`), decode("ndjson", `${json()}\n${large}`)]) {
      expect(batch.rows).toHaveLength(1);
      expect(batch.rejected[0]!.reason).toMatch(/^is 100\d+ bytes; an event has at most 1000000$/);
    }
  });

  test.each([
    ["{"],
    ["nonsense"],
    ['{"a":1} {"b":2}'],
    ["["],
    ["[".repeat(200_000)],
    ["{".repeat(5_000) + "1234567890123456789"],
  ])("a body that is no JSON is a bad body: %.20s", (body) => {
    expect(thrown(() => decode("json", body)).code).toBe("bad-body");
  });

  test("a body with more than a thousand bad events is refused as a whole and lists the first thousand", () => {
    const error = thrown(() => decode("json", `[${json()},${Array.from({ length: 5_000 }, () => "1").join()}]`));
    expect(error.code).toBe("nothing-acceptable");
    expect(error.details.rejected).toHaveLength(1_000);
  });

  test("members that every object inherits are not taken for sent ones", () => {
    const feed = feedOfField(["null", "string"], { default: null });
    const renamed = { ...feed, fields: feed.fields.map((f) => (f.name === "v" ? { ...f, name: "toString" } : f)) };
    const batch = decode("json", `{"id":"a","at":${NINE}}`, feedCodec(renamed, MAX_BODY));
    expect(batch.rows).toEqual([["a", NINE, null]]);
  });
});

describe("types in JSON", () => {
  const read = (type: unknown, sent: string) =>
    decode("json", `{"id":"a","at":${NINE},"v":${sent}}`, feedCodec(feedOfField(type), MAX_BODY));
  const decimal = { type: "bytes", logicalType: "decimal", precision: 6, scale: 2 };
  const nested = {
    type: "record",
    name: "N",
    fields: [
      { name: "x", type: "int" },
      { name: "y", type: "string", default: "?" },
    ],
  };

  test.each<[string, unknown, string, WireValue]>([
    ["decimal text", decimal, '"12.5"', "12.50"],
    ["negative decimal", decimal, '"-0.01"', "-0.01"],
    ["decimal as a number", decimal, "7", "7.00"],
    ["bytes", "bytes", '"AP8="', "AP8="],
    ["date", { type: "int", logicalType: "date" }, "20000", 20_000],
    ["micros", { type: "long", logicalType: "timestamp-micros" }, "1795251600000001", 1_795_251_600_000_001],
    ["float", "float", "0.1", Math.fround(0.1)],
    ["not a number", "double", '"NaN"', "NaN"],
    ["array", { type: "array", items: "int" }, "[1,2]", [1, 2]],
    ["map", { type: "map", values: ["null", "long"] }, '{"a":null,"b":1}', { a: null, b: 1 }],
    ["record", nested, '{"x":1,"z":0}', { x: 1, y: "?" }],
    ["boolean", "boolean", "true", true],
  ])("%s", (_what, type, sent, kept) => {
    expect(read(type, sent).rows[0]?.[2]).toEqual(kept);
  });

  test.each<[string, unknown, string, string, RegExp]>([
    ["decimal with more digits than the scale", decimal, '"1.234"', "v", /at most 2 digits after the point/],
    ["decimal beyond the precision", decimal, '"12345.67"', "v", /at most 6 digits/],
    ["bytes that are no base64", "bytes", '"?"', "v", /base64/],
    ["null inside an array", { type: "array", items: ["null", "int"] }, "[1,null]", "v[1]", /must not be null/],
    ["wrong type deep inside", { type: "array", items: nested }, '[{"x":1},{"x":"1"}]', "v[1].x", /32 bits/],
    ["a day that no calendar has", { type: "int", logicalType: "date" }, "2000000000", "v", /days since/],
    ["text for a boolean", "boolean", '"true"', "v", /true or false/],
  ])("%s is refused", (_what, type, sent, field, reason) => {
    const found = refusal(read(type, sent));
    expect(found.field).toBe(field);
    expect(found.reason).toMatch(reason);
  });
});

describe("Avro container files", () => {
  const schema = pipelineFeed.schema as { name: string; fields: { name: string; type: unknown }[] };
  /** A writer's schema: the fields that the test is about, each with its type. */
  const writer = (types: Record<string, unknown>) => ({
    type: "record",
    name: "Sent",
    fields: Object.entries(types).map(([name, type]) => ({ name, type })),
  });
  const required = {
    eventId: "string",
    correlationId: "string",
    pipelineName: "string",
    stageName: "string",
    status: { type: "enum", name: "S", symbols: ["COMPLETED", "LOST", "FAILED"] },
    eventTimestamp: { type: "long", logicalType: "timestamp-millis" },
    lastUpdatedAt: { type: "long", logicalType: "timestamp-millis" },
  };
  const send = async (types: Record<string, unknown>, ...events: object[]) =>
    decode("avro", await writeContainer(writer({ ...required, ...types }), events));
  /** Every field named, as avsc asks for. */
  const full = (more: Record<string, unknown> = {}) => ({
    ...Object.fromEntries(schema.fields.map(({ name }) => [name, null])),
    ...event(more),
  });

  test.each(["null", "deflate"] as const)("of another writer are read, codec %s", async (codecName) => {
    const events = Array.from({ length: 1_000 }, (_, i) => full({ eventId: `e-${i}`, labels: { i: String(i) } }));
    const batch = decode("avro", await writeContainer(schema, events, { codec: codecName, blockSize: 4_096 }));
    expect(batch.rejected).toEqual([]);
    expect(batch.rows).toHaveLength(1_000);
    expect(batch.rows[999]).toEqual(eventRow({ eventId: "e-999", labels: { i: "999" } }));
  });

  test("an older schema leaves fields out: they get their defaults; a field that the feed does not have is dropped", async () => {
    const batch = await send({ extra: { type: "array", items: "double" } }, { ...event(), extra: [1, 2, 3] });
    expect(batch.rows).toEqual([eventRow({})]);
  });

  test("a required field that the writer does not have is named", async () => {
    const { stageName: _left, ...others } = required;
    const batch = decode("avro", await writeContainer(writer(others), [event()]));
    expect(refusal(batch)).toEqual({ field: "stageName", reason: "is missing" });
  });

  test("a symbol that the feed does not know costs its event, not the file", async () => {
    const batch = await send({}, event(), event({ status: "LOST" }), event({ status: "FAILED" }));
    expect(batch.rows.map((row) => row[4])).toEqual(["COMPLETED", "FAILED"]);
    expect(batch.rejected).toMatchObject([{ index: 1, field: "status" }]);
  });

  test.each<[string, unknown]>([
    ["inside the type", { type: "long", logicalType: "timestamp-millis" }],
    ["as plain long", "long"],
    ["local", { type: "long", logicalType: "local-timestamp-millis" }],
  ])("a time in milliseconds is the same instant: %s", async (_how, type) => {
    expect((await send({ eventTimestamp: type }, event())).rows).toEqual([eventRow({})]);
  });

  test("a logical type beside the type is the same instant as one inside it", () => {
    const beside = {
      type: "record",
      name: "Sent",
      fields: Object.entries(required).map(([name, type]) =>
        name === "eventTimestamp" ? { name, type: "long", logicalType: "timestamp-micros" } : { name, type },
      ),
    };
    const inside = writer({ ...required, eventTimestamp: { type: "long", logicalType: "timestamp-micros" } });
    const bytes = avro.Type.forSchema(inside as avro.Schema).toBuffer(event({ eventTimestamp: NINE * 1_000 + 999 }));
    for (const schema of [beside, inside]) {
      expect(decode("avro", rawContainer(schema, 1, bytes)).rows).toEqual([eventRow({ lastUpdatedAt: NINE })]);
    }
  });

  test("nanoseconds beyond 2^53 become their millisecond", async () => {
    const long = avro.types.LongType.__with({
      fromBuffer: (b: Buffer) => b.readBigInt64LE(),
      toBuffer: (n: bigint) => {
        const b = Buffer.alloc(8);
        b.writeBigInt64LE(n);
        return b;
      },
      fromJSON: BigInt,
      toJSON: String,
      isValid: (n: unknown) => typeof n === "bigint",
      compare: () => 0,
    });
    const sent = writer({ ...required, eventTimestamp: "long", lastUpdatedAt: "long", processedRecordCount: "long" });
    const type = avro.Type.forSchema(sent as avro.Schema, { registry: { long } });
    const value = event({
      eventTimestamp: BigInt(NINE) * 1_000_000n + 999_999n,
      lastUpdatedAt: BigInt(NINE),
      processedRecordCount: -(2n ** 63n),
    });
    const nanos = writer({
      ...required,
      eventTimestamp: { type: "long", logicalType: "timestamp-nanos" },
      processedRecordCount: "long",
    });
    expect(decode("avro", rawContainer(nanos, 1, type.toBuffer(value))).rows).toEqual([
      eventRow({ eventTimestamp: NINE, processedRecordCount: "-9223372036854775808" }),
    ]);
  });

  test("unions of several types give whichever was sent", async () => {
    const types = { processedRecordCount: ["null", "int", "long"], errorMessage: ["string", "null", "boolean"] };
    const batch = await send(
      types,
      { ...event({ eventId: "a" }), processedRecordCount: { int: 3 }, errorMessage: "x" },
      { ...event({ eventId: "b" }), processedRecordCount: { long: 4 }, errorMessage: null },
      { ...event({ eventId: "c" }), processedRecordCount: null, errorMessage: true },
    );
    expect(batch.rows).toEqual([
      eventRow({ eventId: "a", processedRecordCount: 3, errorMessage: "x" }),
      eventRow({ eventId: "b", processedRecordCount: 4 }),
    ]);
    expect(batch.rejected).toMatchObject([
      { index: 2, field: "errorMessage", reason: "is Avro boolean where the feed has string" },
    ]);
  });

  test("numbers are promoted, and nothing else", async () => {
    const batch = await send(
      { processedRecordCount: "int", qualityScore: "float", attempt: "long" },
      { ...event(), processedRecordCount: 5, qualityScore: 0.5, attempt: 2 },
    );
    expect(batch.rows).toEqual([eventRow({ processedRecordCount: 5, qualityScore: 0.5, attempt: 2 })]);
    expect(refusal(await send({ durationMs: "double" }, { ...event(), durationMs: 1 }))).toEqual({
      field: "durationMs",
      reason: "is Avro double where the feed has long",
    });
  });

  test("what is refused is kept as a file of its own that is refused again for the same reason", async () => {
    const batch = await send({}, event(), event({ status: "LOST" }));
    const { raw } = batch.rejected[0]!;
    expect(raw.format).toBe("avro");
    expect(refusal(decode("avro", raw.bytes))).toMatchObject({ field: "status" });
  });

  describe("damaged", () => {
    const events = Array.from({ length: 300 }, (_, i) => full({ eventId: `e-${i}` }));
    const file = () => writeContainer(schema, events, { blockSize: 2_048 });

    test("a file that is cut off gives its whole blocks, and the rest as one rejection with its bytes", async () => {
      const whole = await file();
      const batch = decode("avro", whole.subarray(0, whole.length - 40));
      expect(batch.rows.length).toBeGreaterThan(200);
      expect(batch.rows.map((row) => row[0])).toEqual(events.slice(0, batch.rows.length).map(({ eventId }) => eventId));
      expect(batch.rejected).toMatchObject([{ index: batch.rows.length, field: null }]);
      expect(batch.rejected[0]!.reason).toMatch(/damaged or cut off/);
    });

    test("a file cut anywhere after its header never gives an event that was not sent", async () => {
      const whole = await file();
      fc.assert(
        fc.property(fc.integer({ min: 1, max: whole.length - 1 }), (length) => {
          let batch: Batch;
          try {
            batch = decode("avro", whole.subarray(0, length));
          } catch (error) {
            expect((error as AppError).code).toBe("bad-body");
            return;
          }
          expect(batch.rows.map((row) => row[0])).toEqual(
            events.slice(0, batch.rows.length).map(({ eventId }) => eventId),
          );
        }),
        { numRuns: 100 },
      );
    });

    test("a damaged block in the middle does not lose those behind it", async () => {
      const whole = await file();
      const sync = whole.subarray(whole.length - 16);
      const second = whole.indexOf(sync, whole.indexOf(sync, whole.indexOf(sync) + 16) + 16);
      whole.fill(0xff, second + 16, second + 40);
      const batch = decode("avro", whole);
      expect(batch.rejected).toHaveLength(1);
      expect(batch.rows.length).toBeGreaterThan(200);
      expect(batch.rows.at(-1)![0]).toBe("e-299");
    });

    test("bytes flipped anywhere are read or refused, never anything else", async () => {
      const whole = await writeContainer(schema, events.slice(0, 20), { blockSize: 512, codec: "deflate" });
      fc.assert(
        fc.property(
          fc.array(fc.tuple(fc.nat(whole.length - 1), fc.integer({ min: 1, max: 255 })), {
            minLength: 1,
            maxLength: 8,
          }),
          (flips) => {
            const bytes = Buffer.from(whole);
            for (const [at, by] of flips) bytes[at]! ^= by;
            try {
              decode("avro", bytes);
            } catch (error) {
              expect(error).toBeInstanceOf(AppError);
            }
          },
        ),
        { numRuns: 300 },
      );
    });

    test.each<[string, Buffer, RegExp]>([
      ["nothing of Avro", Buffer.from("hello"), /no Avro container file/],
      ["only the magic", Buffer.from("Obj\x01", "latin1"), /header .* is damaged/],
      ["a header without schema", rawContainer(undefined, 0, Buffer.alloc(0)), /schema/],
      ["a schema that is no schema", rawContainer({ type: "recrod" }, 0, Buffer.alloc(0)), /schema cannot be used/],
      [
        "a schema with a name that is code",
        rawContainer({ type: "record", name: "a(){}", fields: [] }, 0, Buffer.alloc(0)),
        /schema cannot be used/,
      ],
      [
        "a schema without end",
        rawContainer(
          JSON.parse('{"type":"array","items":'.repeat(3_000) + '"int"' + "}".repeat(3_000)),
          0,
          Buffer.alloc(0),
        ),
        /schema cannot be used/,
      ],
      [
        "an unknown codec",
        rawContainer("int", 0, Buffer.alloc(0), "zstandard"),
        /codec "zstandard" is not read here; write with one of null, deflate, snappy/,
      ],
    ])("%s is a bad body", (_what, bytes, reason) => {
      const error = thrown(() => decode("avro", bytes));
      expect(error.code).toBe("bad-body");
      expect(error.message).toMatch(reason);
    });

    const long = avro.Type.forSchema("long");
    const listWriter = writer({ list: { type: "array", items: "long" }, ...required });

    test.each([2 ** 31, 2 ** 50, -(2 ** 31)])(
      "a list that names %d items in six bytes is refused at once (invariant 6)",
      (count) => {
        const bytes = Buffer.concat([long.toBuffer(count), Buffer.from([0])]);
        expect(refusal(decode("avro", rawContainer(listWriter, 1, bytes))).reason).toMatch(
          /cannot be read: a collection names/,
        );
      },
    );

    test("lists of nothing, nested, ask for no work without end (invariant 6)", () => {
      const nested = writer({ list: { type: "array", items: { type: "array", items: "null" } } });
      const inner = Buffer.concat([long.toBuffer(60_000), Buffer.from([0])]);
      const bytes = Buffer.concat([
        long.toBuffer(50_000),
        ...Array.from({ length: 50_000 }, () => inner),
        Buffer.from([0]),
      ]);
      expect(refusal(decode("avro", rawContainer(nested, 1, bytes))).reason).toMatch(/holds items that are not there/);
    });

    test("a value nested until the stack ends is refused", () => {
      const list = { type: "record", name: "L", fields: [{ name: "next", type: ["null", "L"] }] };
      const bytes = Buffer.concat([Buffer.alloc(500_000, 2), Buffer.from([0])]);
      expect(refusal(decode("avro", rawContainer(list, 1, bytes))).reason).toMatch(/cannot be read/);
    });

    test("a block that names more events than it has bytes, or has bytes left, is refused", () => {
      expect(
        refusal(decode("avro", rawContainer({ type: "record", name: "E", fields: [] }, 2 ** 40, Buffer.alloc(0))))
          .reason,
      ).toMatch(/names 1099511627776 events/);
      expect(refusal(decode("avro", rawContainer(writer({ x: "int" }), 1, Buffer.alloc(9)))).reason).toMatch(
        /8 bytes are left/,
      );
    });

    test("blocks that inflate beyond the bound of a body are too large", () => {
      const bomb = deflateRawSync(Buffer.alloc(MAX_BODY + 1));
      expect(thrown(() => decode("avro", rawContainer(schema, 1, bomb, "deflate"))).code).toBe("too-large");
    });
  });
});

describe("staged files", () => {
  const text = fc.string({ unit: "binary", maxLength: 20 }).map((s) => s.replace(/\p{Surrogate}/gu, "?"));
  const long = fc.oneof(
    fc.maxSafeInteger(),
    fc.bigInt({ min: 2n ** 53n, max: 2n ** 63n - 1n }).map(String),
    fc.bigInt({ min: -(2n ** 63n), max: -(2n ** 53n) }).map(String),
  );
  const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: null });
  const double = fc.double().map((n) => (n === 0 ? 0 : Number.isFinite(n) ? n : String(n)));
  const row = fc.tuple(
    text,
    text,
    text,
    text,
    fc.constantFrom("STARTED", "RUNNING", "COMPLETED", "FAILED", "RETRYING"),
    fc.integer({ min: 1e11, max: 4e12 }),
    maybe(long),
    maybe(long),
    maybe(text),
    fc.integer({ min: 1e11, max: 4e12 }),
    maybe(long),
    maybe(double),
    maybe(fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 })),
    maybe(text),
    maybe(text),
    maybe(text),
    maybe(
      fc.dictionary(
        text.filter((key) => key !== "__proto__"),
        text,
        { noNullPrototype: true },
      ),
    ),
  );

  test("give back any rows, in their order", () => {
    const encode = fileEncoder(pipelineFeed);
    fc.assert(
      fc.property(fc.array(row, { maxLength: 30 }), (rows) => {
        expect(codec.decodeStaged(encode(rows, Buffer.alloc(16, 1)))).toEqual(rows);
      }),
    );
  });

  test("of every type give back their values", () => {
    const types: [unknown, WireValue[]][] = [
      [{ type: "bytes", logicalType: "decimal", precision: 10, scale: 2 }, ["-12345678.90", "0.00", "99999999.99"]],
      [
        { type: "fixed", name: "D", size: 8, logicalType: "decimal", precision: 10, scale: 3 },
        ["-1.500", "1234567.891"],
      ],
      ["bytes", ["", "AP8="]],
      [{ type: "fixed", name: "F", size: 2 }, ["AP8="]],
      ["float", [0.5, "NaN", "-Infinity"]],
      [{ type: "int", logicalType: "date" }, [-1, 20_000]],
      [{ type: "array", items: { type: "map", values: ["null", "bytes"] } }, [[], [{ a: "AA==", b: null }, {}]]],
      [{ type: "record", name: "N", fields: [{ name: "x", type: ["null", "double"] }] }, [{ x: "NaN" }, { x: null }]],
      [
        ["null", { type: "long", logicalType: "timestamp-micros" }],
        [null, 1_795_251_600_000_001],
      ],
      ["boolean", [true, false]],
    ];
    for (const [type, values] of types) {
      const feed = feedOfField(type);
      const rows = values.map((value) => ["a", NINE, value]);
      const file = fileEncoder(feed)(rows, Buffer.alloc(16));
      expect(feedCodec(feed, MAX_BODY).decodeStaged(file)).toEqual(rows);
    }
  });

  test("are Avro that another library reads", async () => {
    const file = fileEncoder(pipelineFeed)([eventRow({ labels: { a: "b" } })], Buffer.alloc(16, 1));
    const decoder = new avro.streams.BlockDecoder();
    const found: Record<string, unknown>[] = [];
    decoder.on("data", (value: Record<string, unknown>) => found.push(value));
    const ended = new Promise((resolve, reject) => decoder.once("end", resolve).once("error", reject));
    decoder.end(file);
    await ended;
    expect(found).toHaveLength(1);
    expect({ ...found[0] }).toMatchObject({ eventId: "e-1", eventTimestamp: NINE, labels: { a: "b" }, host: null });
  });

  test("that are damaged are an error, never fewer rows", () => {
    const file = fileEncoder(pipelineFeed)([eventRow({}), eventRow({})], Buffer.alloc(16, 1));
    expect(() => codec.decodeStaged(file.subarray(0, file.length - 1))).toThrow(/damaged/);
  });
});
