/** JSON as bytes to values without losing digits: integers that a double cannot hold become bigint. */
import { parse } from "lossless-json";

/** Below this many digits in a row every number of a text is one that JSON.parse reads exactly. */
const LONG_DIGITS = /\d{16}/;
const WHOLE = /^-?\d+$/;

/** @throws SyntaxError (or RangeError when it is nested too deeply) */
export const parseJson = (text: string): unknown =>
  LONG_DIGITS.test(text) ? parse(text, undefined, readNumber) : (JSON.parse(text) as unknown);

function readNumber(text: string): number | bigint {
  const number = Number(text);
  return WHOLE.test(text) && !Number.isSafeInteger(number) ? BigInt(text) : number;
}

/**
 * The texts of the elements of a JSON array that is known to be well formed: what is kept of an event that is refused is
 * what its publisher wrote, not our rendering of it.
 */
export function elementTexts(array: string): string[] {
  const texts: string[] = [];
  let depth = 0;
  let start = array.indexOf("[") + 1;
  for (let i = start; i < array.length; i++) {
    const char = array[i]!;
    if (char === '"') i = endOfString(array, i);
    else if (char === "[" || char === "{") depth++;
    else if (depth > 0) depth -= char === "]" || char === "}" ? 1 : 0;
    else if (char === "," || char === "]") {
      texts.push(array.slice(start, i).trim());
      start = i + 1;
      if (char === "]") break;
    }
  }
  return texts;
}

function endOfString(text: string, quote: number): number {
  for (let i = quote + 1; i < text.length; i++) {
    if (text[i] === "\\") i++;
    else if (text[i] === '"') return i;
  }
  return text.length;
}
