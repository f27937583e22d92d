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
