/**
 * Server-sent events as bytes, made once and sent to many (docs/live-protocol.md, rules 1 to 8).
 *
 * A compressed stream is one gzip header followed by raw deflate pieces, each of which stands alone: no piece refers to bytes
 * of another, so every client may join at any time and private pieces may stand between shared ones. The stream never ends
 * with a gzip trailer. (Complete gzip members one after the other would hang browsers silently.)
 */
import { constants, deflateRaw, deflateRawSync } from "node:zlib";
import { promisify } from "node:util";
import type { ViewDelta } from "../model/delta";
import type { Feed } from "../model/feed";
import type { Position } from "../model/position";
import type { NoteKind } from "../model/note-kind";
import type { Topic as TopicName } from "../model/view";
import type { PreviewFrame } from "./preview";

/** Bytes of the stream, and the same framed as one chunk of HTTP/1.1, made once so that a socket is given one buffer. */
export class Bytes {
  readonly chunk: Buffer;
  readonly plain: Buffer;

  constructor(plain: Buffer) {
    const size = `${plain.length.toString(16)}\r\n`;
    this.chunk = Buffer.concat([Buffer.from(size, "latin1"), plain, CRLF]);
    this.plain = this.chunk.subarray(size.length, size.length + plain.length);
  }
}

const CRLF = Buffer.from("\r\n", "latin1");
export const GZIP_HEADER = new Bytes(Buffer.from("1f8b08000000000000ff", "hex"));

export type ResetReason = "expired" | "epoch" | "schema" | "behind" | "bad-since" | "access";
export type ByeReason = "rotate" | "drain" | "slow" | "full" | "access";

/** Pieces beyond this are compressed off the main thread. */
const LARGE = 64 * 1024;
const deflate = promisify(deflateRaw);
const options = (bytes: number) => ({ level: bytes > LARGE ? 1 : 6, finishFlush: constants.Z_SYNC_FLUSH });

/** One event in both encodings; each is made when it is first needed and kept for all further clients. */
export class Piece {
  readonly raw: Bytes;
  #gzip: Bytes | null = null;

  constructor(text: string) {
    this.raw = new Bytes(Buffer.from(text));
  }

  get gzip(): Bytes {
    const { plain } = this.raw;
    this.#gzip ??= new Bytes(deflateRawSync(plain, options(plain.length)));
    return this.#gzip;
  }

  /** Compresses a large piece without blocking, before it is needed. */
  async compress(): Promise<void> {
    const { plain } = this.raw;
    if (plain.length > LARGE) this.#gzip ??= new Bytes(await deflate(plain, options(plain.length)));
  }
}

const idOf = (topic: TopicName, position: Position) => `id: ${topic}@${position}\n`;

/** JSON has no line breaks of its own, so that one data line holds it; text of events stays inside its strings. */
const event = (name: string, head: string, data: unknown) => `${head}event: ${name}\ndata: ${JSON.stringify(data)}\n\n`;

export function helloText(
  hello: { topic: TopicName; epoch: string; since: Position; head: Position; at: number | null; hb: number },
  shape: Feed,
  retryMs: number,
): string {
  const { topic, epoch, since, head, at, hb } = hello;
  return event("hello", `retry: ${retryMs}\n${idOf(topic, since)}`, {
    topic,
    epoch,
    since,
    head,
    schemaId: shape.schemaId,
    key: shape.fields[shape.key]!.name,
    cols: shape.fields.map(({ name }) => name),
    hb,
    at,
  });
}

export const deltaText = (topic: TopicName, delta: ViewDelta): string =>
  event("delta", idOf(topic, delta.to), {
    topic,
    from: delta.from,
    to: delta.to,
    up: delta.up,
    del: delta.del,
    floor: delta.floor,
    at: delta.at,
    counts: delta.counts,
  });

export const heartbeatText = (topic: TopicName, head: Position, nowMs: number): string =>
  event("hb", idOf(topic, head), { topic, t: nowMs, head });

/** News that no position knows of: what `ref` is about has changed by somebody's decision, and is asked for again. */
export const noteText = (topic: TopicName, kind: NoteKind, ref: string): string =>
  event("note", "", { topic, kind, ref });

/** What is accepted and not committed: it has no position. */
export const previewText = (topic: TopicName, { up, del }: PreviewFrame): string =>
  event("preview", "", { topic, up, del });

/** The empty id makes the browser forget its last one: it must not come back with it. */
export const resetText = (topic: TopicName, reason: ResetReason, head: Position): string =>
  event("reset", "id:\n", { topic, reason, head });

export const byeText = (reason: ByeReason, afterMs: number): string =>
  event("bye", `retry: ${afterMs}\n`, { reason, after: afterMs });
