/**
 * What a Pub/Sub push subscription delivers: an envelope of JSON around one message. The message's data is an Avro container
 * file, Avro's single-object encoding, the bare Avro of a topic with a schema, or JSON.
 */
import { z } from "zod";
import { AppError } from "../model/app-error";
import type { Feed } from "../model/feed";
import { schemaFingerprint } from "./avro/fingerprint";
import { encodeBlock, encodeHeader } from "./avro/container";
import type { Batch, Raw } from "./batch";
import type { FeedCodec } from "./codec";

export interface Delivery {
  data: Buffer;
  attributes: Readonly<Record<string, string>>;
  /** Bounded, and free of control characters. */
  messageId: string;
}

/** One message to what can be kept of it; what cannot be read at all is one rejected event. */
export type DecodeMessage = (delivery: Delivery, nowMs: number) => Promise<Batch>;

const envelope = z.object({
  message: z.object({
    data: z.string().optional(),
    attributes: z.record(z.string(), z.string()).nullish(),
    messageId: z.string().optional(),
  }),
});

const MAX_ID_CHARS = 100;

/** @throws AppError bad-body when it is no delivery: nothing that Pub/Sub sends, so nobody sends it again */
export function readDelivery(body: Buffer): Delivery {
  const parsed = envelope.safeParse(parseJsonBody(body));
  if (!parsed.success) {
    const issue = parsed.error.issues[0]!;
    throw new AppError(
      "bad-body",
      `The body is no Pub/Sub delivery: ${issue.path.join(".") || "the body"}: ${issue.message}.`,
    );
  }
  const { data = "", attributes, messageId = "" } = parsed.data.message;
  return {
    data: Buffer.from(data, "base64"),
    attributes: attributes ?? {},
    // eslint-disable-next-line no-control-regex -- an id is one word in a list of dead letters
    messageId: messageId.slice(0, MAX_ID_CHARS).replace(/[\u0000-\u001f\u007f]/g, ""),
  };
}

function parseJsonBody(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString("utf8"));
  } catch (error) {
    throw new AppError("bad-body", `The body is not JSON: ${(error as Error).message}.`, {}, { cause: error });
  }
}

const SINGLE_OBJECT = Buffer.from([0xc3, 0x01]);
const FINGERPRINT_BYTES = 8;
/** Pub/Sub sets it on messages of a topic with an Avro schema. */
const ENCODING_ATTRIBUTE = "googclient_schemaencoding";

export function messageDecoder(feed: Feed, codec: FeedCodec): DecodeMessage {
  const schemaText = JSON.stringify(feed.schema);
  const fingerprint = schemaFingerprint(feed.schema);
  /** Bare Avro says nothing of its schema: it becomes a file that does, and the one way of reading goes for all. */
  const wrap = (datum: Buffer): Raw => {
    const sync = Buffer.alloc(16);
    return { format: "avro", bytes: Buffer.concat([encodeHeader(schemaText, sync), encodeBlock(1, datum, sync)]) };
  };
  const rawOf = ({ data, attributes }: Delivery): Raw => {
    if (data.subarray(0, 4).toString("latin1") === "Obj\x01") return { format: "avro", bytes: data };
    if (data.subarray(0, 2).equals(SINGLE_OBJECT)) return wrap(singleObject(data, fingerprint));
    if (attributes[ENCODING_ATTRIBUTE] === "BINARY") return wrap(data);
    return { format: "json", bytes: data };
  };
  return async (delivery, nowMs) => {
    let raw: Raw = { format: "json", bytes: delivery.data };
    try {
      raw = rawOf(delivery);
      if (raw.bytes.length === 0) throw new AppError("bad-body", "The message has no data.");
      return await codec.decodeInTurns(raw.format, raw.bytes, nowMs);
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      return { rows: [], rejected: [{ index: 0, field: null, reason: error.message, raw }] };
    }
  };
}

function singleObject(data: Buffer, known: bigint): Buffer {
  const start = SINGLE_OBJECT.length + FINGERPRINT_BYTES;
  const fingerprint = data.length < start ? null : data.readBigUInt64LE(SINGLE_OBJECT.length);
  if (fingerprint === known) return data.subarray(start);
  const named = fingerprint === null ? "none" : fingerprint.toString(16).padStart(16, "0");
  throw new AppError(
    "bad-body",
    `The message is written with the schema of fingerprint ${named}, which is not the feed's (${known.toString(16).padStart(16, "0")}); send a container file, which brings its schema.`,
  );
}
