/** Events of a file in the forms that people have them in, each as one line of JSON with the place where it stands. */
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { elementTexts, parseJson } from "../../ingest/json-text";
import { UsageError } from "../usage";

export type EventFormat = "avro" | "json" | "ndjson";

export interface PlacedEvent {
  /** `line 17`, `event 3`. */
  place: string;
  line: string;
}

/** A JSON array has to be read whole. */
const MOST_JSON_BYTES = 512 * 1024 ** 2;

/**
 * By what it begins with: an Avro container file, an array, or objects. One object on its first line is taken for NDJSON; when
 * its first line is no complete object it is JSON over several lines.
 */
export function formatOf(start: Buffer): EventFormat {
  if (start.subarray(0, 4).equals(Buffer.from("Obj\x01", "latin1"))) return "avro";
  const text = start.toString("utf8").trimStart();
  if (text.startsWith("[")) return "json";
  const [firstLine = ""] = text.split("\n", 1);
  return firstLine.length < text.length && !isJson(firstLine) ? "json" : "ndjson";
}

export const eventsOf = (format: "json" | "ndjson", input: Readable): AsyncIterable<PlacedEvent> =>
  format === "json" ? fromJson(input) : fromLines(input);

async function* fromLines(input: Readable): AsyncGenerator<PlacedEvent> {
  let number = 0;
  for await (const line of createInterface({ input, crlfDelay: Infinity })) {
    number += 1;
    if (line.trim() !== "") yield { place: `line ${number}`, line };
  }
}

/** @throws UsageError when it is no JSON */
async function* fromJson(input: Readable): AsyncGenerator<PlacedEvent> {
  const bytes = await buffer(input);
  if (bytes.length > MOST_JSON_BYTES) {
    throw new UsageError(
      `The JSON is ${bytes.length} bytes; at most ${MOST_JSON_BYTES} are read. Send NDJSON, an event a line.`,
    );
  }
  const text = bytes.toString("utf8");
  const isArray = Array.isArray(parsed(text));
  const texts = isArray ? elementTexts(text) : [text];
  for (const [i, event] of texts.entries()) {
    // A line break between two members says nothing, and inside a text there is none.
    if (event !== "") yield { place: `event ${i + 1}`, line: event.replace(/[\r\n]+/g, " ").trim() };
  }
}

function parsed(text: string): unknown {
  try {
    return parseJson(text);
  } catch (error) {
    throw new UsageError(`The input is not JSON: ${(error as Error).message}`, { cause: error });
  }
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
