/** Container files of a feed to rows: each event by itself, each damaged block as one. */
import { AppError } from "../../model/app-error";
import type { Feed } from "../../model/feed";
import type { Row } from "../../model/value";
import { BatchBuilder, tooBig, type Batch, type Raw } from "../batch";
import { Refusal } from "../refusal";
import { REST_EVERY, type Work } from "../../model/work";
import { plainFromAvroJson } from "./avro-json";
import { binaryType, CorruptError, type BinaryType } from "./binary-type";
import { encodeBlock, encodeHeader, readBlocks, readHeader, type Header } from "./container";
import { rowResolver, type ToRow } from "./resolve";
import { parseSchema } from "./schema";

export interface AvroRules {
  /** What one file may inflate to. */
  maxBytes: number;
  maxEventBytes: number;
  check(row: Row): Refusal | null;
}

export interface AvroDecoder {
  /** @throws AppError bad-body, too-large, nothing-acceptable */
  decode(bytes: Buffer, rules: AvroRules): Work<Batch>;
  /** One event without a header around it. @throws AppError bad-body when the schema is none */
  decodeDatum(schemaText: string, datum: Buffer, rules: AvroRules): Batch;
  /** A value of Avro's JSON encoding as plain JSON. @throws AppError bad-body when the schema is none */
  plainJson(schemaText: string, value: unknown): unknown;
}

/** What reads the events of one writer's schema. */
interface Writer {
  plainJson(value: unknown): unknown;
  type: BinaryType;
  toRow: ToRow;
}

/** They are kept per text of the schema; publishers of a feed use a handful. */
const MAX_WRITERS = 32;

export function avroDecoder(feed: Feed): AvroDecoder {
  const writers = new Map<string, Writer>();
  const aliases = fieldAliases(feed);
  const writerOf = (schemaText: string): Writer => {
    const known = writers.get(schemaText);
    if (known) return known;
    const schema = parseSchemaText(schemaText);
    const tree = parseSchema(schema);
    const writer = {
      plainJson: plainFromAvroJson(tree),
      type: binaryType(schema),
      toRow: rowResolver(tree, feed, aliases),
    };
    if (writers.size >= MAX_WRITERS) writers.delete(writers.keys().next().value!);
    writers.set(schemaText, writer);
    return writer;
  };
  return {
    *decode(bytes, rules) {
      const header = readHeader(bytes);
      const writer = writerOf(header.schemaText);
      const builder = new BatchBuilder();
      for (const block of readBlocks(bytes, header, rules.maxBytes)) {
        if (block.kind === "damaged") {
          const raw = Buffer.concat([bytes.subarray(0, header.end), bytes.subarray(block.from, block.to)]);
          builder.reject(new Refusal(block.reason), { format: "avro", bytes: raw }, block.events);
        } else yield* takeBlock(builder, header, block.count, block.data, writer, rules);
      }
      return builder.batch;
    },
    plainJson: (schemaText, value) => writerOf(schemaText).plainJson(value),
    decodeDatum(schemaText, datum, rules) {
      const row = readDatum(writerOf(schemaText), datum, rules);
      if (!(row instanceof Refusal)) return { rows: [row], rejected: [] };
      const { reason, field } = row;
      return { rows: [], rejected: [{ index: 0, field, reason, raw: fileOf(schemaText, datum) }] };
    },
  };
}

function readDatum({ type, toRow }: Writer, datum: Buffer, rules: AvroRules): Row | Refusal {
  if (datum.length > rules.maxEventBytes) return tooBig(datum.length);
  try {
    const { value, end } = type.decode(datum, 0);
    if (end !== datum.length) throw new CorruptError(`${datum.length - end} bytes are left after the event`);
    const row = toRow(value);
    return row instanceof Refusal ? row : (rules.check(row) ?? row);
  } catch (error) {
    if (!(error instanceof CorruptError)) throw error;
    return new Refusal(`the event cannot be read: ${error.message}`);
  }
}

/** Bare Avro says nothing of its schema: it is kept as a file that does. */
function fileOf(schemaText: string, datum: Buffer): Raw {
  const sync = Buffer.alloc(16);
  return { format: "avro", bytes: Buffer.concat([encodeHeader(schemaText, sync), encodeBlock(1, datum, sync)]) };
}

/** A block whose bytes break the schema is refused as a whole: nobody knows from where on they were wrong. */
function* takeBlock(
  builder: BatchBuilder,
  header: Header,
  count: number,
  data: Buffer,
  writer: Writer,
  rules: AvroRules,
): Work<void> {
  let events: Event[];
  try {
    events = yield* readEvents(count, data, writer);
  } catch (error) {
    if (!(error instanceof CorruptError)) throw error;
    const refusal = new Refusal(`a block of ${count} events cannot be read: ${error.message}`);
    builder.reject(refusal, rawOf(header, count, data), count);
    return;
  }
  for (const [i, { row, from, to }] of events.entries()) {
    if (i % REST_EVERY === 0) yield;
    const refusal =
      to - from > rules.maxEventBytes ? tooBig(to - from) : row instanceof Refusal ? row : rules.check(row);
    if (refusal) builder.reject(refusal, rawOf(header, 1, data.subarray(from, to)));
    else builder.accept(row as Row);
  }
}

interface Event {
  row: Row | Refusal;
  from: number;
  to: number;
}

function* readEvents(count: number, data: Buffer, { type, toRow }: Writer): Work<Event[]> {
  const events: Event[] = [];
  let pos = 0;
  for (let i = 0; i < count; i++) {
    if (i % REST_EVERY === 0) yield;
    const { value, end } = type.decode(data, pos);
    events.push({ row: toRow(value), from: pos, to: end });
    pos = end;
  }
  if (pos !== data.length) throw new CorruptError(`${data.length - pos} bytes are left after the last event`);
  return events;
}

/** A file of its own with the writer's schema, so that what was refused can be sent again as it is. */
const rawOf = (header: Header, count: number, data: Buffer): Raw => ({
  format: "avro",
  bytes: Buffer.concat([encodeHeader(header.schemaText, header.sync), encodeBlock(count, data, header.sync)]),
});

function parseSchemaText(text: string): unknown {
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
  return json;
}

/** Former names of the feed's fields, from its schema. */
function fieldAliases(feed: Feed): Map<string, readonly string[]> {
  const schema = parseSchema(feed.schema);
  return new Map(schema.kind === "record" ? schema.fields.map(({ name, aliases }) => [name, aliases]) : []);
}
