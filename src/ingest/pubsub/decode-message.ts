/**
 * One Pub/Sub message to rows. Its data is an Avro container file, Avro's single-object encoding, JSON, or what Pub/Sub says in
 * the attributes that it adds on a topic with a schema: bare Avro, or Avro's JSON, of a revision of that schema.
 */
import { AppError } from "../../model/app-error";
import type { Feed } from "../../model/feed";
import { schemaFingerprint } from "../avro/fingerprint";
import type { Batch } from "../batch";
import type { FeedCodec } from "../codec";
import { earlierSchemas } from "./earlier-schemas";

export interface Delivery {
  data: Buffer;
  attributes: Readonly<Record<string, string>>;
  /** Bounded, and free of control characters. */
  messageId: string;
}

/** Where a message came from, as dead letters name it. */
export const sourceOf = ({ messageId }: Delivery): string => (messageId === "" ? "pubsub" : `pubsub ${messageId}`);

/**
 * One message to what can be kept of it; what cannot be read at all is one rejected event. At once where that is possible: a
 * pull reads thousands of small messages in a row.
 *
 * @throws AppError engine-unavailable when the schema that the message names could not be asked for: to be tried again
 */
export type DecodeMessage = (delivery: Delivery, nowMs: number) => Batch | Promise<Batch>;

/** The text of one revision of a schema of Pub/Sub; null when it cannot be had, now and later. */
export type SchemaRevisions = (schema: string, revision: string) => string | null | Promise<string | null>;

const SINGLE_OBJECT = Buffer.from([0xc3, 0x01]);
const FINGERPRINT_BYTES = 8;
const CONTAINER = Buffer.from("Obj\x01", "latin1");

/** What Pub/Sub puts on messages of a topic with a schema; publishers cannot set attributes that begin with `goog`. */
const ENCODING = "googclient_schemaencoding";
const SCHEMA = "googclient_schemaname";
const REVISION = "googclient_schemarevisionid";

export function messageDecoder(feed: Feed, codec: FeedCodec, revisions: SchemaRevisions = () => null): DecodeMessage {
  const own = JSON.stringify(feed.schema);
  const known = new Map(
    earlierSchemas(feed).map((schema) => [schemaFingerprint(schema), JSON.stringify(schema)] as const),
  );
  known.set(schemaFingerprint(feed.schema), own);

  /** With the schema that it was written with, or the feed's where nobody can say. */
  const withSchema = (attributes: Delivery["attributes"], read: (schemaText: string) => Batch) => {
    const { [SCHEMA]: schema, [REVISION]: revision } = attributes;
    const text = schema === undefined || revision === undefined ? null : revisions(schema, revision);
    return text instanceof Promise ? text.then((found) => read(found ?? own)) : read(text ?? own);
  };

  const read = ({ data, attributes }: Delivery, nowMs: number): Batch | Promise<Batch> => {
    if (data.length === 0) throw new AppError("bad-body", "The message has no data.");
    const encoding = attributes[ENCODING];
    if (encoding === "BINARY")
      return withSchema(attributes, (schemaText) => codec.decodeDatum(schemaText, data, nowMs));
    if (encoding === "JSON")
      return withSchema(attributes, (schemaText) => codec.decodeAvroJson(schemaText, data, nowMs));
    if (startsWith(data, CONTAINER)) return codec.decodeInTurns("avro", data, nowMs);
    if (!startsWith(data, SINGLE_OBJECT)) return codec.decodeInTurns("json", data, nowMs);
    return codec.decodeDatum(schemaOf(data, known), data.subarray(SINGLE_OBJECT.length + FINGERPRINT_BYTES), nowMs);
  };

  return (delivery, nowMs) => {
    try {
      const batch = read(delivery, nowMs);
      return batch instanceof Promise ? batch.catch((error: unknown) => unreadable(delivery, error)) : batch;
    } catch (error) {
      return unreadable(delivery, error);
    }
  };
}

const startsWith = (data: Buffer, mark: Buffer): boolean => data.subarray(0, mark.length).equals(mark);

/** Whatever else is thrown says that these bytes cannot be read: delivered again, they would only be in the way again. */
function unreadable({ data }: Delivery, error: unknown): Batch {
  if (error instanceof AppError && error.code === "engine-unavailable") throw error;
  const format = startsWith(data, CONTAINER) ? "avro" : "json";
  const reason = error instanceof Error ? error.message : String(error);
  return { rows: [], rejected: [{ index: 0, field: null, reason, raw: { format, bytes: data } }] };
}

function schemaOf(data: Buffer, known: ReadonlyMap<bigint, string>): string {
  const isWhole = data.length >= SINGLE_OBJECT.length + FINGERPRINT_BYTES;
  const fingerprint = isWhole ? data.readBigUInt64LE(SINGLE_OBJECT.length) : null;
  const schemaText = fingerprint === null ? undefined : known.get(fingerprint);
  if (schemaText !== undefined) return schemaText;
  const named = fingerprint === null ? "none" : hex(fingerprint);
  throw new AppError(
    "bad-body",
    `The message is written with the schema of fingerprint ${named}, which is not the feed's (${hex([...known.keys()].at(-1)!)}) nor an earlier form of it; send a container file, which brings its schema.`,
  );
}

const hex = (fingerprint: bigint): string => fingerprint.toString(16).padStart(16, "0");
