/**
 * Values as they travel: in JSON requests and answers, in memory and in SSE frames. One form everywhere, so that a row read
 * from a table can be sent without translation.
 *
 * timestamp = integer epoch ms; int and long = number, a long beyond 2^53-1 a decimal string; decimal = string; bytes =
 * base64; enum = symbol; NaN and infinities = "NaN", "Infinity", "-Infinity"; absent = null.
 */
export type WireValue =
  string | number | boolean | null | readonly WireValue[] | { readonly [name: string]: WireValue };

/** The values of one row in the order of the feed's fields. */
export type Row = readonly WireValue[];

/** Compares two longs in wire form without losing digits: negative when `a` is smaller. Null sorts first. */
export function compareLongs(a: WireValue, b: WireValue): number {
  if (typeof a === "number" && typeof b === "number") return a - b;
  if (a === null || b === null) return a === b ? 0 : a === null ? -1 : 1;
  const left = BigInt(a as string | number);
  const right = BigInt(b as string | number);
  return left < right ? -1 : left > right ? 1 : 0;
}

/** A long in wire form: a number while it is exact, a decimal string beyond. */
export const longToWire = (value: bigint): number | string =>
  value >= BigInt(Number.MIN_SAFE_INTEGER) && value <= BigInt(Number.MAX_SAFE_INTEGER)
    ? Number(value)
    : value.toString();

/** A double in wire form. */
export const doubleToWire = (value: number): number | string => (Number.isFinite(value) ? value : String(value));

/** Whether a text can travel as UTF-8: a surrogate without its other half cannot. */
export const isWellFormed = (text: string): boolean => !/\p{Surrogate}/u.test(text);

/** Order of strings by code unit, the order of `<` and of Hudi's keys (never by locale). */
export const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** Deep equality of two wire values; map entries in any order. */
export function sameValue(a: WireValue, b: WireValue): boolean {
  if (a === b) return true;
  if (a === null || b === null || typeof a !== "object" || typeof b !== "object") return false;
  if (Array.isArray(a) || Array.isArray(b)) {
    return (
      Array.isArray(a) && Array.isArray(b) && a.length === b.length && a.every((item, i) => sameValue(item, b[i]!))
    );
  }
  const left = Object.entries(a);
  const right = b as { readonly [name: string]: WireValue };
  return (
    left.length === Object.keys(right).length &&
    left.every(([name, item]) => Object.hasOwn(right, name) && sameValue(item, right[name]!))
  );
}

/** A row of which only some fields were fetched; the others are null. */
export function spreadRow(values: readonly WireValue[], fields: readonly number[], width: number): Row {
  const row = new Array<WireValue>(width).fill(null);
  for (let i = 0; i < fields.length; i++) row[fields[i]!] = values[i]!;
  return row;
}
