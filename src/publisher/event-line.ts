/** An event as one line of JSON, in the values that the API takes. */

/**
 * @param event an object with the feed's fields; besides what JSON has it may hold Date (epoch ms), bigint (a decimal
 *   string, exact), bytes (base64), and the numbers that JSON lacks
 * @throws TypeError when it is no object or refers to itself
 */
export function eventLine(event: unknown): string {
  if (typeof event !== "object" || event === null || Array.isArray(event)) {
    throw new TypeError(
      `An event is an object with the feed's fields, not ${Array.isArray(event) ? "an array" : String(event)}.`,
    );
  }
  return JSON.stringify(event, plainValue);
}

/** Reads the member itself: what has a `toJSON` is handed over already rendered. */
function plainValue(this: unknown, name: string, rendered: unknown): unknown {
  const value = (this as Record<string, unknown>)[name];
  if (value instanceof Date) return value.getTime();
  if (value instanceof Uint8Array)
    return Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString("base64");
  if (typeof value === "bigint") return value.toString();
  if (typeof value === "number" && !Number.isFinite(value)) return String(value);
  return rendered;
}
