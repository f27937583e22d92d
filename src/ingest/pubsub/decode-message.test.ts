import avro from "avsc";
import { describe, expect, test } from "vitest";
import { writeContainer } from "../../../tests/support/avro-writer";
import { eventRow, NINE, pipelineFeed } from "../../../tests/support/pipeline-feed";
import { schemaFingerprint } from "../avro/fingerprint";
import { feedCodec } from "../codec";
import { messageDecoder } from "./decode-message";
import { readDelivery } from "./push-envelope";

const NOW = NINE + 1_000;
const decodeMessage = messageDecoder(pipelineFeed, feedCodec(pipelineFeed, 1_000_000));
const type = avro.Type.forSchema(pipelineFeed.schema as avro.Schema);
const event = Object.fromEntries(pipelineFeed.fields.map(({ name }, i) => [name, eventRow({})[i]]));
const datum = type.toBuffer(event);

const envelope = (data: Buffer | string, message: object = {}) =>
  Buffer.from(
    JSON.stringify({
      message: {
        data: Buffer.from(data as string).toString("base64"),
        messageId: "m-1",
        publishTime: "2026-11-21T09:00:00Z",
        ...message,
      },
      subscription: "projects/p/subscriptions/s",
    }),
  );

const decode = (data: Buffer | string, message: object = {}) =>
  decodeMessage(readDelivery(envelope(data, message)), NOW);

function singleObject(fingerprint: bigint): Buffer {
  const header = Buffer.from([0xc3, 0x01, 0, 0, 0, 0, 0, 0, 0, 0]);
  header.writeBigUInt64LE(fingerprint, 2);
  return Buffer.concat([header, datum]);
}

describe("a message is read", () => {
  test.each<[string, () => Promise<Buffer> | Buffer, object]>([
    ["as JSON", () => Buffer.from(JSON.stringify(event)), {}],
    ["as an Avro container file", () => writeContainer(pipelineFeed.schema, [event]), {}],
    ["in Avro's single-object encoding", () => singleObject(schemaFingerprint(pipelineFeed.schema)), {}],
    ["as the bare Avro of a topic with a schema", () => datum, { attributes: { googclient_schemaencoding: "BINARY" } }],
  ])("%s", async (_how, data, message) => {
    expect(await decode(await data(), message)).toEqual({ rows: [eventRow({})], rejected: [] });
  });
});

describe("a message that cannot be read is one rejection with its bytes, because it would come again for ever", () => {
  test.each<[string, Buffer | string, object, RegExp]>([
    ["text", "hello", {}, /not JSON/],
    ["nothing", "", {}, /no data/],
    ["bytes", Buffer.from([0, 1, 2, 255]), {}, /not UTF-8|not JSON/],
    ["an unknown fingerprint", singleObject(5n), {}, /fingerprint 0000000000000005, which is not the feed's/],
    ["half a single object", Buffer.from([0xc3, 0x01, 5]), {}, /fingerprint none/],
    [
      "bare Avro that is cut off",
      datum.subarray(0, 5),
      { attributes: { googclient_schemaencoding: "BINARY" } },
      /cannot be read/,
    ],
    ["an event without key", "{}", {}, /is missing/],
  ])("%s", async (_what, data, message, reason) => {
    const batch = await decode(data, message);
    expect(batch.rows).toEqual([]);
    expect(batch.rejected).toHaveLength(1);
    expect(batch.rejected[0]!.reason).toMatch(reason);
  });

  test("an array of thousands of bad events", async () => {
    const batch = await decode(`[${Array.from({ length: 2_000 }, () => "1").join()}]`);
    expect(batch.rejected).toHaveLength(1);
    expect(batch.rejected[0]!.raw.bytes).toHaveLength(4_001);
  });
});

test("good events beside bad ones are kept", async () => {
  const batch = await decode(JSON.stringify([event, { ...event, status: "?" }]));
  expect(batch.rows).toEqual([eventRow({})]);
  expect(batch.rejected).toMatchObject([{ index: 1, field: "status" }]);
});

test.each(["{", "5", "{}", '{"message":5}', '{"message":{"data":5}}'])("%s is no delivery", (body) => {
  expect(() => readDelivery(Buffer.from(body))).toThrow(expect.objectContaining({ code: "bad-body" }) as Error);
});

test("the id of a message is one bounded word", () => {
  const { messageId } = readDelivery(envelope("x", { messageId: `a\nb${"x".repeat(500)}` }));
  expect(messageId).toHaveLength(99);
  expect(messageId).toMatch(/^abx+$/);
});

test("fingerprints are those of Avro's specification", () => {
  expect(schemaFingerprint("int").toString(16)).toBe("7275d51a3f395c8f");
  expect(schemaFingerprint("string").toString(16)).toBe("8f014872634503c7");
  const verbose = {
    type: "record",
    name: "x.R",
    doc: "d",
    fields: [{ name: "a", type: { type: "string" }, default: "" }],
  };
  const terse = { name: "R", namespace: "x", type: "record", fields: [{ name: "a", type: "string" }] };
  expect(schemaFingerprint(verbose)).toBe(schemaFingerprint(terse));
});

describe("Pub/Sub's own attributes", () => {
  const json = { googclient_schemaencoding: "JSON" };
  const wrapped = {
    ...event,
    processedRecordCount: { long: 7 },
    errorMessage: { string: "x" },
    labels: { map: { team: "a" } },
  };
  const row = eventRow({ processedRecordCount: 7, errorMessage: "x", labels: { team: "a" } });

  test("Avro's JSON is read: values of unions name their branch", async () => {
    expect(await decode(JSON.stringify(wrapped), { attributes: json })).toEqual({ rows: [row], rejected: [] });
  });

  test("one in Avro's JSON that cannot be taken is kept as JSON that can be sent again", async () => {
    const { rows, rejected } = await decode(JSON.stringify({ ...wrapped, status: "?" }), { attributes: json });
    expect(rows).toEqual([]);
    expect(rejected).toMatchObject([{ field: "status", raw: { format: "json" } }]);
    const mended = rejected[0]!.raw.bytes.toString().replace('"?"', '"COMPLETED"');
    expect(await decode(mended)).toEqual({ rows: [row], rejected: [] });
  });

  const fields = (pipelineFeed.schema as { fields: object[] }).fields;
  const revision = {
    ...(pipelineFeed.schema as object),
    fields: [fields[5], ...fields.slice(0, 5), ...fields.slice(6, 10)],
  };
  const asked: string[] = [];
  const decodeRevision = messageDecoder(pipelineFeed, feedCodec(pipelineFeed, 1_000_000), (schema, id) => {
    asked.push(`${schema}@${id}`);
    return id === "aa" ? Promise.resolve(JSON.stringify(revision)) : null;
  });
  const attributes = (id: string) => ({
    googclient_schemaencoding: "BINARY",
    googclient_schemaname: "projects/p/schemas/s",
    googclient_schemarevisionid: id,
  });

  test("bare Avro is read with the revision of the schema that it was written with", async () => {
    const data = avro.Type.forSchema(revision as avro.Schema).toBuffer(event);
    const batch = await decodeRevision({ data, attributes: attributes("aa"), messageId: "1" }, NOW);
    expect(batch).toEqual({ rows: [eventRow({})], rejected: [] });
    expect(asked).toEqual(["projects/p/schemas/s@aa"]);
  });

  test("where the revision cannot be had, the feed's own schema is taken", async () => {
    const batch = await decodeRevision({ data: datum, attributes: attributes("bb"), messageId: "1" }, NOW);
    expect(batch).toEqual({ rows: [eventRow({})], rejected: [] });
  });

  test("a schema that holds itself is no trouble", async () => {
    const self = {
      type: "record",
      name: "E",
      fields: [...fields, { name: "next", type: ["null", "E"], default: null }],
    };
    const nested = Array.from({ length: 50 }).reduce<object>((next) => ({ ...wrapped, next: { E: next } }), wrapped);
    const decodeSelf = messageDecoder(pipelineFeed, feedCodec(pipelineFeed, 1_000_000), () => JSON.stringify(self));
    const data = Buffer.from(JSON.stringify(nested));
    const named = { ...attributes("aa"), ...json };
    expect(await decodeSelf({ data, attributes: named, messageId: "1" }, NOW)).toEqual({ rows: [row], rejected: [] });
  });
});

test("single objects of publishers that do not know the newest fields yet are read", async () => {
  const { fields, ...record } = pipelineFeed.schema as { fields: object[] };
  for (const count of [fields.length - 1, 10]) {
    const earlier = { ...record, fields: fields.slice(0, count) };
    const header = Buffer.from([0xc3, 0x01, 0, 0, 0, 0, 0, 0, 0, 0]);
    header.writeBigUInt64LE(schemaFingerprint(earlier), 2);
    const data = Buffer.concat([header, avro.Type.forSchema(earlier as avro.Schema).toBuffer(event)]);
    expect(await decode(data)).toEqual({ rows: [eventRow({})], rejected: [] });
  }
});
