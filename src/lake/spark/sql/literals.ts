/** Values as literals. Every text that somebody else has written goes through `hexLiteral`. */
import { isWellFormed } from "../../../model/value";
import { setting, Sql } from "./sql";

/**
 * A string that may be anything: its bytes in hexadecimal, so that no quote, escape or `${…}` means anything.
 *
 * @throws Error for a lone surrogate, which UTF-8 cannot carry
 */
export const hexLiteral = (text: string): Sql =>
  Sql.trusted(`CAST(X'${Buffer.from(wellFormed(text), "utf8").toString("hex")}' AS STRING)`);

/**
 * A string in quotes, for the places where the grammar wants one (LOCATION, TBLPROPERTIES, arguments of procedures and of table
 * functions). Right as long as `spark.sql.parser.escapedStringLiterals` is false, which a session checks when it is opened.
 *
 * @throws Error for a lone surrogate, and for `${`, which a server that substitutes variables would replace
 */
export function quotedLiteral(text: string): Sql {
  if (text.includes("${")) throw new Error(`${JSON.stringify(text)} has a "\${" where SQL takes no other literal.`);
  const escaped = wellFormed(text).replace(
    /[\\'\0\n\r]/g,
    (char) => ({ "\0": "\\u0000", "\n": "\\n", "\r": "\\r" })[char] ?? `\\${char}`,
  );
  return Sql.trusted(`'${escaped}'`);
}

/** INT or BIGINT by its size. @throws Error unless it is a whole number that a BIGINT holds */
export function longLiteral(value: bigint | number): Sql {
  if (typeof value === "number" && !Number.isSafeInteger(value)) throw new Error(`${value} is no whole number.`);
  const long = BigInt(value);
  if (BigInt.asIntN(64, long) !== long) throw new Error(`${value} is beyond 64 bits.`);
  // -9223372036854775808L is a minus before a literal that is one too large.
  return Sql.trusted(long === -(2n ** 63n) ? "(-9223372036854775807L - 1L)" : `${long}L`);
}

/** A bare whole number, where the grammar wants one (LIMIT). @throws Error unless it is one, 0 or more */
export function countLiteral(value: number): Sql {
  if (!Number.isSafeInteger(value) || value < 0) throw new Error(`${value} is no count.`);
  return Sql.trusted(String(value));
}

/** @throws Error for NaN and the infinities, which have no literal */
export function doubleLiteral(value: number): Sql {
  if (!Number.isFinite(value)) throw new Error(`${value} is no number that SQL can hold.`);
  return Sql.trusted(`${Object.is(value, -0) ? "-0.0" : String(value)}D`);
}

/** A decimal in its digits. @throws Error for other text, and beyond 38 digits */
export function decimalLiteral(digits: string): Sql {
  if (!/^-?\d{1,38}(\.\d{1,38})?$/.test(digits) || digits.replace(/\D/g, "").length > 38) {
    throw new Error(`${JSON.stringify(digits)} is no decimal of at most 38 digits.`);
  }
  return Sql.trusted(`${digits}BD`);
}

export const booleanLiteral = (value: boolean): Sql => Sql.trusted(value ? "TRUE" : "FALSE");

export const nullLiteral: Sql = Sql.trusted("NULL");

/** An instant in epoch microseconds as a TIMESTAMP. */
export const timestampLiteral = (micros: bigint): Sql => Sql.trusted(`timestamp_micros(${longLiteral(micros).text})`);

/** `2026-11-21` as a DATE. @throws Error for other text and for days that no month has */
export function dateLiteral(day: string): Sql {
  const time = /^\d{4}-\d\d-\d\d$/.test(day) ? Date.parse(`${day}T00:00:00Z`) : NaN;
  if (Number.isNaN(time) || !new Date(time).toISOString().startsWith(day)) {
    throw new Error(`${JSON.stringify(day)} is no day.`);
  }
  return Sql.trusted(`DATE'${day}'`);
}

/** Hudi copies it into the commit; and each task is sent it. */
export const MOST_OF_SETTING = 2 ** 20;

/**
 * `SET key=value`, whose value is no expression: Spark takes the rest of the statement as it stands.
 *
 * @throws Error unless both are made of letters, digits and a few signs, and the value of at most `MOST_OF_SETTING` of them
 */
export function setStatement(key: string, value: string): Sql {
  if (!/^[A-Za-z0-9._:/,+=@-]+$/.test(value) || value.length > MOST_OF_SETTING) {
    throw new Error(`${JSON.stringify(value.slice(0, 100))} is no value that SET can hold.`);
  }
  return Sql.trusted(`SET ${setting(key).text}=${value}`);
}

/** Takes back what `setStatement` has set in a session. */
export const resetStatement = (key: string): Sql => Sql.trusted(`RESET ${setting(key).text}`);

function wellFormed(text: string): string {
  if (isWellFormed(text)) return text;
  throw new Error(`${JSON.stringify(text.slice(0, 100))} has half of a surrogate pair, which SQL cannot hold.`);
}
