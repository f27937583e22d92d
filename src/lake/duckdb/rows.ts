/**
 * Query results as rows of wire values, fast and exact.
 *
 * A large result is fetched in blocks: DuckDB gathers each column of 1,024 ordered rows into one list (numbers) or into one text
 * of pieces parted by NUL (strings), because reaching for every string by itself costs more than everything else together.
 * Gathering has a price of its own (about 20 ms for 17 columns), so small results are fetched value by value.
 * A value that has a NUL of its own, or is the mark that stands for null, shows in the counts, and an integer beyond 2^53
 * in its size; such a result, which real data hardly ever gives, is fetched again value by value.
 */
import { isAscii } from "node:buffer";
import { setImmediate } from "node:timers/promises";
import type {
  DuckDBBlobValue,
  DuckDBBlobVector,
  DuckDBConnection,
  DuckDBDataChunk,
  DuckDBDoubleVector,
  DuckDBListValue,
  DuckDBListVector,
  DuckDBMapValue,
  DuckDBStructValue,
  DuckDBValue,
} from "@duckdb/node-api";
import type { Feed, FieldType } from "../../model/feed";
import { doubleToWire, longToWire, type WireValue } from "../../model/value";

/** Up to here a result is small. */
const FEW_ROWS = 2_000;
/** Rows per block. An event has at most about 1 MB, so a column's text stays below the 4 GiB that DuckDB can hold. */
const BLOCK_ROWS = 1_024;
/** Blocks that are decoded before others get the thread (about 1 ms each). */
const BLOCKS_PER_TURN = 8;
/** Beyond this a text is decoded piece by piece, so that no string holds on to megabytes. */
const WHOLE_TEXT_BYTES = 8 * 1024 * 1024;
const SEPARATOR = "\0";
const NULL_MARK = "\u0001";

/** How a column of an inner query travels and becomes wire values. `expression` is SQL over the physical column. */
export interface ResultColumn {
  expression: string;
  form: Form;
}

type Form =
  | { as: "text" }
  /** Text of JSON whose values need no care: parsed once per distinct text. */
  | { as: "json" }
  | { as: "value"; convert: (value: DuckDBValue) => WireValue; isInteger?: boolean };

const text = (expression: string): ResultColumn => ({ expression, form: { as: "text" } });
const value = (expression: string, convert: (value: DuckDBValue) => WireValue): ResultColumn => ({
  expression,
  form: { as: "value", convert },
});

const integer = (expression: string): ResultColumn => ({
  expression,
  form: { as: "value", convert: long, isInteger: true },
});

/** A column that holds plain text. */
export const textColumn = text;

/** How a field's column is fetched. @param column the SQL that gives the physical value */
export function resultColumn(type: FieldType, column: string): ResultColumn {
  switch (type.kind) {
    case "string":
    case "enum":
      return text(column);
    case "boolean":
      return value(column, (found) => found as WireValue);
    case "int":
    case "long":
      return integer(column);
    case "timestamp":
      return integer(`${type.unit === "millis" ? "epoch_ms" : "epoch_us"}(${column})`);
    case "date":
      return integer(`(${column} - DATE '1970-01-01')`);
    case "float":
    case "double":
      return value(`${column}::DOUBLE`, (found) => doubleToWire(found as number));
    case "decimal":
      return text(`${column}::VARCHAR`);
    case "bytes":
      return text(`to_base64(${column})`);
    case "array":
    case "map":
    case "record":
      if (isPlainJson(type)) return { expression: `to_json(${column})::VARCHAR`, form: { as: "json" } };
      return value(column, (found) => nested(type, found));
  }
}

/** How all fields of a feed are fetched from columns of their own names. */
export const feedColumns = (feed: Feed, column: (field: number) => string): ResultColumn[] =>
  feed.fields.map(({ type }, i) => resultColumn(type, column(i)));

function long(found: DuckDBValue): WireValue {
  return typeof found === "bigint" ? longToWire(found) : (found as number);
}

/** JSON carries these without loss; it would not carry longs, NaN, bytes, decimals and times. */
function isPlainJson(type: FieldType): boolean {
  switch (type.kind) {
    case "string":
    case "enum":
    case "boolean":
    case "int":
      return true;
    case "array":
      return isPlainJson(type.items);
    case "map":
      return isPlainJson(type.values);
    case "record":
      return type.fields.every((field) => isPlainJson(field.type));
    default:
      return false;
  }
}

/** Any DuckDB value of a field in wire form. */
function nested(type: FieldType, found: DuckDBValue): WireValue {
  if (found === null || found === undefined) return null;
  switch (type.kind) {
    case "string":
    case "enum":
    case "boolean":
    case "int":
      return found as WireValue;
    case "long":
      return longToWire(found as bigint);
    case "float":
    case "double":
      return doubleToWire(found as number);
    case "timestamp": {
      const { micros } = found as unknown as { micros: bigint };
      return longToWire(type.unit === "micros" ? micros : floorDivide(micros, 1000n));
    }
    case "date":
      return (found as unknown as { days: number }).days;
    case "decimal":
      return String(found);
    case "bytes":
      return Buffer.from((found as unknown as { bytes: Uint8Array }).bytes).toString("base64");
    case "array":
      return (found as DuckDBListValue).items.map((item) => nested(type.items, item));
    case "map":
      return Object.fromEntries(
        (found as DuckDBMapValue).entries.map((entry) => [entry.key as string, nested(type.values, entry.value)]),
      );
    case "record": {
      const { entries } = found as DuckDBStructValue;
      return Object.fromEntries(
        type.fields.map((field) => [field.name, nested(field.type, entries[field.name] ?? null)]),
      );
    }
  }
}

const floorDivide = (a: bigint, b: bigint): bigint => (a - (((a % b) + b) % b)) / b;

/**
 * Runs an ordered query and gives its rows, column by column as `columns` say.
 *
 * @param inner SQL that yields the physical columns which the expressions name
 * @param orderBy SQL terms over those columns that give the rows a total order
 * @param expected about how many rows at most; only a matter of speed
 */
export async function fetchRows(
  connection: DuckDBConnection,
  inner: string,
  columns: readonly ResultColumn[],
  orderBy: string,
  expected: number,
): Promise<WireValue[][]> {
  const rows = expected > FEW_ROWS ? await fetchBlocks(connection, inner, columns, orderBy) : null;
  return rows ?? (await fetchValues(connection, inner, columns, orderBy));
}

/** Null when a text cannot be told apart from the marks. */
async function fetchBlocks(
  connection: DuckDBConnection,
  inner: string,
  columns: readonly ResultColumn[],
  orderBy: string,
): Promise<WireValue[][] | null> {
  const result = await connection.run(blockQuery(inner, columns, orderBy));
  const decoders = columns.map(({ form }) => decoder(form));
  const rows: WireValue[][] = [];
  let decoded = 0;
  for (;;) {
    const chunk = await result.fetchChunk();
    if (chunk === null || chunk.rowCount === 0) return rows;
    for (let block = 0; block < chunk.rowCount; block++) {
      if (!decodeBlock(chunk, block, decoders, rows)) return null;
      if (++decoded % BLOCKS_PER_TURN === 0) await setImmediate();
    }
  }
}

function blockQuery(inner: string, columns: readonly ResultColumn[], orderBy: string): string {
  const projected = columns.map(({ expression }, i) => `${expression} AS c${i}`);
  const gathered = columns.map(({ form }, i) =>
    form.as === "value"
      ? `list(${form.isInteger ? `coalesce(c${i}::DOUBLE, 'NaN'::DOUBLE)` : `c${i}`} ORDER BY _rn)`
      : `encode(string_agg(coalesce(c${i}, chr(1)), chr(0) ORDER BY _rn)), count(c${i})`,
  );
  return `WITH _ordered AS (SELECT ${projected.join(", ")}, row_number() OVER (ORDER BY ${orderBy}) - 1 AS _rn FROM (${inner}))
    SELECT count(*), ${gathered.join(", ")} FROM _ordered GROUP BY _rn // ${BLOCK_ROWS} ORDER BY min(_rn)`;
}

/** Writes a column of one block, which begins at vector `at` of the chunk, into the last rows. False: not decodable. */
interface Decoder {
  vectors: 1 | 2;
  decode(chunk: DuckDBDataChunk, at: number, block: number, rows: readonly WireValue[][], column: number): boolean;
}

function decodeBlock(
  chunk: DuckDBDataChunk,
  block: number,
  decoders: readonly Decoder[],
  rows: WireValue[][],
): boolean {
  const count = Number(chunk.getColumnVector(0).getItem(block));
  const made = Array.from({ length: count }, () => new Array<WireValue>(decoders.length).fill(null));
  let at = 1;
  for (const [column, { vectors, decode }] of decoders.entries()) {
    if (!decode(chunk, at, block, made, column)) return false;
    at += vectors;
  }
  for (const row of made) rows.push(row);
  return true;
}

function decoder(form: Form): Decoder {
  if (form.as === "value") return { vectors: 1, decode: form.isInteger ? decodeIntegers : decodeValues(form.convert) };
  return { vectors: 2, decode: decodeTexts(form.as === "json" ? parsed() : interned()) };
}

function decodeValues(convert: (value: DuckDBValue) => WireValue): Decoder["decode"] {
  return (chunk, at, block, rows, column) => {
    const list = chunk.getColumnVector(at) as DuckDBListVector;
    const start = list.getEntryOffset(block);
    const items = list.childVector;
    for (let i = 0; i < rows.length; i++) {
      const item = items.getItem(start + i);
      if (item !== null) rows[i]![column] = convert(item);
    }
    return true;
  };
}

/**
 * Doubles are much faster to take out than big integers, NaN than null (a bit of a mask of big integers), and they are exact
 * as far as numbers are; beyond, the block is refused.
 */
const decodeIntegers: Decoder["decode"] = (chunk, at, block, rows, column) => {
  const list = chunk.getColumnVector(at) as DuckDBListVector;
  const start = list.getEntryOffset(block);
  const items = list.childVector as DuckDBDoubleVector;
  for (let i = 0; i < rows.length; i++) {
    const item = items.getItem(start + i);
    if (Number.isSafeInteger(item)) rows[i]![column] = item;
    else if (!Number.isNaN(item)) return false;
  }
  return true;
};

function decodeTexts(finish: (piece: string) => WireValue): Decoder["decode"] {
  return (chunk, at, block, rows, column) => {
    const pieces = piecesOf((chunk.getColumnVector(at) as DuckDBBlobVector).getItem(block)!.bytes);
    if (pieces.length !== rows.length) return false;
    let present = 0;
    for (let i = 0; i < pieces.length; i++) {
      const piece = pieces[i]!;
      if (piece === NULL_MARK) continue;
      rows[i]![column] = finish(piece);
      present++;
    }
    return present === Number(chunk.getColumnVector(at + 1).getItem(block));
  };
}

function piecesOf(bytes: Uint8Array): string[] {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (buffer.length <= WHOLE_TEXT_BYTES) return buffer.toString(isAscii(buffer) ? "latin1" : "utf8").split(SEPARATOR);
  const pieces: string[] = [];
  for (let start = 0; start <= buffer.length;) {
    const found = buffer.indexOf(0, start);
    const end = found < 0 ? buffer.length : found;
    pieces.push(buffer.toString("utf8", start, end));
    start = end + 1;
  }
  return pieces;
}

/** The same rows, value by value, whatever their texts hold. */
async function fetchValues(
  connection: DuckDBConnection,
  inner: string,
  columns: readonly ResultColumn[],
  orderBy: string,
): Promise<WireValue[][]> {
  // Text as bytes: the client library would take a byte order mark off the front of each.
  const projected = columns.map(({ expression, form }, i) =>
    form.as === "value" ? `${expression} AS c${i}` : `encode(${expression}) AS c${i}`,
  );
  const result = await connection.run(`SELECT ${projected.join(", ")} FROM (${inner}) ORDER BY ${orderBy}`);
  const finishers = columns.map(({ form }) => valueFinisher(form));
  const rows: WireValue[][] = [];
  for (;;) {
    const chunk = await result.fetchChunk();
    if (chunk === null || chunk.rowCount === 0) return rows;
    const vectors = columns.map((_, i) => chunk.getColumnVector(i));
    for (let r = 0; r < chunk.rowCount; r++) rows.push(vectors.map((vector, i) => finishers[i]!(vector.getItem(r))));
    await setImmediate();
  }
}

function valueFinisher(form: Form): (found: DuckDBValue) => WireValue {
  if (form.as === "value") return (found) => (found === null ? null : form.convert(found));
  const finish = form.as === "json" ? parsed() : interned();
  return (found) => {
    if (found === null) return null;
    const { bytes } = found as DuckDBBlobValue;
    return finish(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("utf8"));
  };
}

/** Distinct texts from which on a column counts as one of unique values, unless they repeat as often. */
const DISTINCT_SAMPLE = 512;

/** Gives equal texts of a column one string, as long as they repeat: names and hosts then cost memory once. */
function interned(): (piece: string) => string {
  const known = new Map<string, string>();
  let seen = 0;
  let worthwhile = true;
  return (piece) => {
    if (!worthwhile) return piece;
    seen++;
    const found = known.get(piece);
    if (found !== undefined) return found;
    known.set(piece, piece);
    if (known.size >= DISTINCT_SAMPLE && known.size * 2 > seen) {
      worthwhile = false;
      known.clear();
    }
    return piece;
  };
}

/** Parses JSON, each distinct text once while they repeat; equal values share one object, which nobody changes. */
function parsed(): (piece: string) => WireValue {
  const known = new Map<string, WireValue>();
  let seen = 0;
  return (piece) => {
    seen++;
    const found = known.get(piece);
    if (found !== undefined) return found;
    const made = JSON.parse(piece) as WireValue;
    if (known.size < DISTINCT_SAMPLE || known.size * 2 < seen) known.set(piece, made);
    return made;
  };
}
