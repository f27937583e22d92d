/** The text of a cell: one function for the server's markup and the browser's patches, so that they cannot differ. */
import type { FieldType } from "~/model/feed";
import type { Row, WireValue } from "~/model/value";
import { decimalText, groupDigits } from "~/components/ui/number-text";
import { exactTime, UTC, type Zone } from "~/components/ui/time-text";
import type { Column, TableShape } from "./shape";

const MAX_TEXT = 240;

/** Text of a value for one line; empty for null (the style sheet shows a dash). */
export function cellText(type: FieldType, value: WireValue, zone: Zone = UTC): string {
  if (value === null) return "";
  switch (type.kind) {
    case "timestamp":
      return timestampText(type.unit, value, zone);
    case "date":
      return new Date(Number(value) * 86_400_000).toISOString().slice(0, 10);
    case "int":
    case "long":
      return groupDigits(String(value));
    case "float":
    case "double":
    case "decimal":
      return decimalText(String(value));
    case "bytes":
      return `${byteLength(String(value))} bytes`;
    case "array":
    case "map":
    case "record":
      return firstLine(JSON.stringify(value));
    default:
      return firstLine(String(value));
  }
}

/** Letters that an HTML parser or UTF-8 would change (controls, lone surrogates): shown as what they would become. */
const UNSHOWABLE = /[\p{Cc}\p{Cs}]/gu;

/** One short line of printable ASCII: nearly every cell, and nothing to do. */
const ORDINARY = /^[!-~](?:[ -~]{0,238}[!-~])?$/;

/** The first line that says something, cut to a length that a row can hold. */
export function firstLine(text: string): string {
  if (ORDINARY.test(text)) return text;
  const line = (/[^\s][^\r\n]*/.exec(text)?.[0] ?? "").trimEnd().replace(UNSHOWABLE, "\uFFFD");
  return line.length <= MAX_TEXT ? line : `${cutWhole(line, MAX_TEXT)}…`;
}

/** Never ends in half a surrogate pair. */
const cutWhole = (text: string, length: number): string => text.slice(0, length).replace(/[\uD800-\uDBFF]$/, "");

function timestampText(unit: "millis" | "micros", value: WireValue, zone: Zone): string {
  if (unit === "millis") return exactTime(Number(value), zone);
  const micros = BigInt(value as number | string);
  const ms = micros >= 0n ? micros / 1000n : (micros - 999n) / 1000n;
  const rest = String(micros - ms * 1000n).padStart(3, "0");
  return exactTime(Number(ms), zone).replace(/(?<=\.\d{3})/, rest);
}

const byteLength = (base64: string): number =>
  Math.floor((base64.length * 3) / 4) - (base64.endsWith("==") ? 2 : base64.endsWith("=") ? 1 : 0);

/** What one cell shows. `href` only on cells that lead to a batch. */
export interface Cell {
  text: string;
  href: string | null;
}

export function cellOf(shape: TableShape, column: Column, row: Row): Cell {
  const value = row[column.index] ?? null;
  const text = cellText(shape.fields[column.index]!.type, value, shape.zone);
  return { text, href: column.kind === "batch" && typeof value === "string" ? batchHref(value, shape.at) : null };
}

/** What stands in the path for an id that no path can carry; the id is then the parameter `id`. */
export const IDLESS = "~";

/**
 * Address of a batch page. `.` and `..` are folded away by every browser, even in their escaped form, so they are a parameter.
 *
 * @param at the time that the page is of, null = the present
 */
export function batchHref(correlationId: string, at: string | null): string {
  const isFolded = correlationId === "" || correlationId === "." || correlationId === "..";
  const time = at === null ? "" : `at=${encodeURIComponent(at)}`;
  if (isFolded) return `/batches/${IDLESS}?id=${correlationId}${time === "" ? "" : `&${time}`}`;
  const segment = URL_SAFE.test(correlationId)
    ? correlationId
    : encodeURIComponent(correlationId.replace(LONE_SURROGATE, "\uFFFD"));
  return `/batches/${segment}${time === "" ? "" : `?${time}`}`;
}

/** The id that an address means. @param segment the decoded segment of the path */
export const batchIn = (segment: string, query: URLSearchParams): string =>
  segment === IDLESS ? (query.get("id") ?? segment) : segment;

const URL_SAFE = /^[\w.-]+$/;
const LONE_SURROGATE = /[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/g;
