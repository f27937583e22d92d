/** Bytes of one feed's events to rows. The one door to the formats: JSON, NDJSON and Avro container files. */
import { stringify } from "lossless-json";
import { AppError } from "../model/app-error";
import type { Feed } from "../model/feed";
import type { Row } from "../model/value";
import { avroDecoder } from "./avro/decode";
import { BatchBuilder, MAX_EVENT_BYTES, tooBig, type Batch } from "./batch";
import { rowCheck } from "./check-row";
import { elementTexts, parseJson } from "./json-text";
import { plainReader } from "./plain-json";
import type { BodyFormat } from "./receive";
import { Refusal } from "./refusal";
import { inTurns } from "../turns";
import { atOnce, REST_EVERY, type Work } from "../model/work";

export interface FeedCodec {
  /**
   * @param nowMs the clock's time, against which the future is judged
   * @throws AppError bad-body, too-large when nothing of it can be read; nothing-acceptable when too much is refused
   */
  decode(format: BodyFormat, bytes: Buffer, nowMs: number): Batch;
  /** The same, letting others have their turn in between. */
  decodeInTurns(format: BodyFormat, bytes: Buffer, nowMs: number): Promise<Batch>;
  /** One event of bare Avro. @throws AppError bad-body when the schema is none */
  decodeDatum(schemaText: string, datum: Buffer, nowMs: number): Batch;
  /** One event in Avro's JSON encoding. @throws AppError bad-body when it is no JSON or the schema is none */
  decodeAvroJson(schemaText: string, bytes: Buffer, nowMs: number): Batch;
  /** The rows of a file that this feed staged: they were checked when they were taken. @throws Error when it is damaged */
  decodeStaged(bytes: Buffer): Row[];
}

export function feedCodec(feed: Feed, maxBytes: number): FeedCodec {
  const readPlain = plainReader(feed);
  const check = rowCheck(feed);
  const avro = avroDecoder(feed);

  const takePlain = (builder: BatchBuilder, event: unknown, text: () => string, nowMs: number) => {
    const row = readPlain(event);
    const refusal = row instanceof Refusal ? row : check(row, nowMs);
    if (refusal) builder.reject(refusal, { format: "json", bytes: Buffer.from(text()) });
    else builder.accept(row as Exclude<typeof row, Refusal>);
  };

  const decodeJson = function* (bytes: Buffer, nowMs: number): Work<Batch> {
    const text = textOf(bytes);
    const value = parseWhole(text);
    const builder = new BatchBuilder();
    const events: unknown[] = Array.isArray(value) ? value : [value];
    let slices: string[] | null = null;
    const slice = (i: number) => (Array.isArray(value) ? (slices ??= elementTexts(text))[i]! : text);
    for (const [i, event] of events.entries()) {
      if (i % REST_EVERY === 0) yield;
      const size = bytes.length > MAX_EVENT_BYTES ? Buffer.byteLength(slice(i)) : 0;
      if (size > MAX_EVENT_BYTES) builder.reject(tooBig(size), { format: "json", bytes: Buffer.from(slice(i)) });
      else takePlain(builder, event, () => slice(i), nowMs);
    }
    return builder.batch;
  };

  const decodeLines = function* (bytes: Buffer, nowMs: number): Work<Batch> {
    const builder = new BatchBuilder();
    for (const line of lines(bytes)) {
      if (builder.events % REST_EVERY === 0) yield;
      const raw = { format: "json" as const, bytes: line };
      if (line.length > MAX_EVENT_BYTES) {
        builder.reject(tooBig(line.length), raw);
        continue;
      }
      const event = parseLine(line);
      if (event instanceof Refusal) builder.reject(event, raw);
      else takePlain(builder, event, () => line.toString(), nowMs);
    }
    return builder.batch;
  };

  const work = (format: BodyFormat, bytes: Buffer, nowMs: number): Work<Batch> => {
    switch (format) {
      case "json":
        return decodeJson(bytes, nowMs);
      case "ndjson":
        return decodeLines(bytes, nowMs);
      case "avro":
        return avro.decode(bytes, avroRules(nowMs));
    }
  };
  const avroRules = (nowMs: number) => ({
    maxBytes,
    maxEventBytes: MAX_EVENT_BYTES,
    check: (row: Row) => check(row, nowMs),
  });

  return {
    decode: (format, bytes, nowMs) => atOnce(work(format, bytes, nowMs)),
    decodeInTurns: (format, bytes, nowMs) => inTurns(work(format, bytes, nowMs)),
    decodeDatum: (schemaText, datum, nowMs) => avro.decodeDatum(schemaText, datum, avroRules(nowMs)),
    decodeAvroJson(schemaText, bytes, nowMs) {
      if (bytes.length > MAX_EVENT_BYTES) throw new AppError("too-large", `The event ${tooBig(bytes.length).reason}.`);
      const event = avro.plainJson(schemaText, parseWhole(textOf(bytes)));
      const builder = new BatchBuilder();
      // Kept as plain JSON, so that it can be sent again as it is.
      takePlain(builder, event, () => stringify(event) ?? "", nowMs);
      return builder.batch;
    },
    decodeStaged(bytes) {
      const rules = { maxBytes: Infinity, maxEventBytes: Infinity, check: () => null };
      const { rows, rejected } = atOnce(avro.decode(bytes, rules));
      if (rejected.length > 0)
        throw new Error(`A staged file of feed ${feed.name} is damaged: ${rejected[0]!.reason}.`);
      return rows;
    },
  };
}

const UTF8 = new TextDecoder("utf-8", { fatal: true });

function textOf(bytes: Buffer): string {
  try {
    return UTF8.decode(bytes);
  } catch (error) {
    throw new AppError("bad-body", "The body is not UTF-8 text.", {}, { cause: error });
  }
}

function parseWhole(text: string): unknown {
  try {
    return parseJson(text);
  } catch (error) {
    throw new AppError("bad-body", `The body is not JSON: ${(error as Error).message}.`, {}, { cause: error });
  }
}

function parseLine(line: Buffer): unknown {
  try {
    return parseJson(textOf(line));
  } catch (error) {
    return new Refusal(`is not a line of JSON: ${(error as Error).message}`);
  }
}

/** The lines of NDJSON that hold anything. */
function* lines(bytes: Buffer): Generator<Buffer> {
  let start = 0;
  while (start < bytes.length) {
    const newline = bytes.indexOf(10, start);
    const end = newline < 0 ? bytes.length : newline;
    const line = bytes.subarray(start, bytes[end - 1] === 13 ? end - 1 : end);
    if (line.some((byte) => byte > 32)) yield line;
    start = end + 1;
  }
}
