/** Container files of a feed to rows: each event by itself, each damaged block as one. */
import { AppError } from "../../model/app-error";
import type { Feed } from "../../model/feed";
import type { Row } from "../../model/value";
import { BatchBuilder, tooBig, type Batch, type Raw } from "../batch";
import { Refusal } from "../refusal";
import { readBlocks, readHeader, type Header } from "./container";
import { CorruptError, Cursor } from "./cursor";
import { containerBlock, containerHeader } from "./encode";
import { eventReader, type ReadEvent } from "./resolve";
import { parseSchema } from "./schema";

export interface AvroRules {
  /** What one file may inflate to. */
  maxBytes: number;
  maxEventBytes: number;
  check(row: Row): Refusal | null;
}

export interface AvroDecoder {
  /** @throws AppError bad-body, too-large, nothing-acceptable */
  decode(bytes: Buffer, rules: AvroRules): Batch;
}

/** Readers are kept per text of a writer's schema; publishers of a feed use a handful. */
const MAX_READERS = 32;

export function avroDecoder(feed: Feed): AvroDecoder {
  const readers = new Map<string, ReadEvent>();
  const aliases = fieldAliases(feed);
  const readerOf = (schemaText: string): ReadEvent => {
    const known = readers.get(schemaText);
    if (known) return known;
    const reader = eventReader(parseSchemaText(schemaText), feed, aliases);
    if (readers.size >= MAX_READERS) readers.delete(readers.keys().next().value!);
    readers.set(schemaText, reader);
    return reader;
  };
  return {
    decode(bytes, rules) {
      const header = readHeader(bytes);
      const read = readerOf(header.schemaText);
      const builder = new BatchBuilder();
      for (const block of readBlocks(bytes, header, rules.maxBytes)) {
        if (block.kind === "damaged") {
          const raw = Buffer.concat([bytes.subarray(0, header.end), bytes.subarray(block.from, block.to)]);
          builder.reject(new Refusal(block.reason), { format: "avro", bytes: raw }, block.events);
        } else takeBlock(builder, header, block.count, block.data, read, rules);
      }
      return builder.batch;
    },
  };
}

/** A block whose bytes break the schema is refused as a whole: nobody knows from where on they were wrong. */
function takeBlock(
  builder: BatchBuilder,
  header: Header,
  count: number,
  data: Buffer,
  read: ReadEvent,
  rules: AvroRules,
): void {
  const cursor = new Cursor(data);
  const events: { row: Row | Refusal; from: number; to: number }[] = [];
  try {
    for (let i = 0; i < count; i++) {
      const from = cursor.pos;
      events.push({ row: read(cursor), from, to: cursor.pos });
    }
    if (!cursor.isAtEnd) throw new CorruptError(`${data.length - cursor.pos} bytes are left after the last event`);
  } catch (error) {
    // RangeError: a value nested so deeply that the stack ends.
    if (!(error instanceof CorruptError) && !(error instanceof RangeError)) throw error;
    builder.reject(
      new Refusal(`a block of ${count} events cannot be read: ${error.message}`),
      rawOf(header, count, data),
      count,
    );
    return;
  }
  for (const { row, from, to } of events) {
    const refusal =
      to - from > rules.maxEventBytes ? tooBig(to - from) : row instanceof Refusal ? row : rules.check(row);
    if (refusal) builder.reject(refusal, rawOf(header, 1, data.subarray(from, to)));
    else builder.accept(row as Row);
  }
}

/** A file of its own with the writer's schema, so that what was refused can be sent again as it is. */
const rawOf = (header: Header, count: number, data: Buffer): Raw => ({
  format: "avro",
  bytes: Buffer.concat([containerHeader(header.schemaText, header.sync), containerBlock(count, data, header.sync)]),
});

function parseSchemaText(text: string) {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw new AppError(
      "bad-body",
      `The schema in the Avro file is not JSON: ${(error as Error).message}.`,
      {},
      { cause: error },
    );
  }
  return parseSchema(json);
}

/** Former names of the feed's fields, from its schema. */
function fieldAliases(feed: Feed): Map<string, readonly string[]> {
  const schema = parseSchema(feed.schema);
  return new Map(schema.kind === "record" ? schema.fields.map(({ name, aliases }) => [name, aliases]) : []);
}
