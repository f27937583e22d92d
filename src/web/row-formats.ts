/** Rows as the bodies of answers: JSON with what surrounds it, NDJSON and CSV. All are made piece by piece. */
import { stringify } from "csv-stringify/sync";
import Negotiator from "negotiator";
import { AppError } from "../model/app-error";
import type { Feed } from "../model/feed";
import type { Row, WireValue } from "../model/value";

export type RowFormat = "json" | "ndjson" | "csv";

/** How the names and values of a row follow each other in an answer. */
export interface RowShape {
  names: readonly string[];
  /** Indexes of the values that are answered, in the order of `names`; null = all of a row, in theirs. */
  picked: readonly number[] | null;
}

const META_NAMES = [
  "_hoodie_commit_time",
  "_hoodie_commit_seqno",
  "_hoodie_record_key",
  "_hoodie_partition_path",
  "_hoodie_file_name",
] as const;

/**
 * With meta, Hudi's columns come first and the partition column last, as in the tables.
 *
 * @param columns indexes of the fields that are asked for, in this order; null = all
 */
export const rowShape = (
  feed: Pick<Feed, "fields" | "partitionColumn">,
  withMeta: boolean,
  columns: readonly number[] | null = null,
): RowShape => {
  const names = feed.fields.map(({ name }) => name);
  if (columns === null)
    return { names: withMeta ? [...META_NAMES, ...names, feed.partitionColumn] : names, picked: null };
  const chosen = columns.map((index) => names[index]!);
  if (!withMeta) return { names: chosen, picked: columns };
  const own = columns.map((index) => index + META_NAMES.length);
  const all = [...META_NAMES.keys(), ...own, META_NAMES.length + names.length];
  return { names: [...META_NAMES, ...chosen, feed.partitionColumn], picked: all };
};

const valuesOf = ({ picked }: RowShape, row: Row): Row =>
  picked === null ? row : picked.map((index) => row[index] ?? null);

/** Values in the order of `rowShape` with meta. */
export const withMetaValues = (row: Row, meta: readonly string[]): Row => [
  ...meta.slice(0, META_NAMES.length),
  ...row,
  meta[META_NAMES.length]!,
];

const CONTENT_TYPES: Record<RowFormat, string> = {
  json: "application/json; charset=utf-8",
  ndjson: "application/x-ndjson; charset=utf-8",
  csv: "text/csv; charset=utf-8; header=present",
};

export const contentTypeOf = (format: RowFormat): string => CONTENT_TYPES[format];

/** What `Accept` may name; the first one where it does not matter to the client. */
const ANSWERED: ReadonlyMap<string, RowFormat> = new Map([
  [CONTENT_TYPES.json, "json"],
  [CONTENT_TYPES.ndjson, "ndjson"],
  ["application/ndjson; charset=utf-8", "ndjson"],
  [CONTENT_TYPES.csv, "csv"],
]);

/** Of what the address and `Accept` say; the address wins. @throws AppError bad-parameter */
export function chooseFormat(asked: string | null, accept: string | null): RowFormat {
  if (asked !== null) {
    if (asked === "json" || asked === "ndjson" || asked === "csv") return asked;
    throw new AppError("bad-parameter", `format must be json, ndjson or csv, not ${JSON.stringify(asked)}.`, {
      parameter: "format",
    });
  }
  const best = new Negotiator({ headers: { accept: accept ?? "*/*" } }).mediaType([...ANSWERED.keys()]);
  // Whoever takes none of them is given one all the same, as RFC 9110 §12.5.1 allows.
  return ANSWERED.get(best ?? "") ?? "json";
}

export interface RowWriter {
  begin(): string;
  rows(rows: readonly Row[]): string;
  /** @param next where the page after this one begins, or null */
  end(next: string | null): string;
}

/** @param about members of the JSON answer before its rows */
export function rowWriter(format: RowFormat, shape: RowShape, about: Record<string, WireValue>): RowWriter {
  switch (format) {
    case "json":
      return jsonWriter(shape, about);
    case "ndjson":
      return {
        begin: () => "",
        rows: (rows) => rows.map((row) => `${objectOf(shape, row)}\n`).join(""),
        end: () => "",
      };
    case "csv":
      return {
        begin: () => csv([shape.names]),
        rows: (rows) => csv(rows.map((row) => valuesOf(shape, row).map(cell))),
        end: () => "",
      };
  }
}

function jsonWriter(shape: RowShape, about: Record<string, WireValue>): RowWriter {
  let isFirst = true;
  return {
    begin: () => `${JSON.stringify(about).slice(0, -1)},"rows":[`,
    rows(rows) {
      if (rows.length === 0) return "";
      const separator = isFirst ? "" : ",";
      isFirst = false;
      return separator + rows.map((row) => objectOf(shape, row)).join(",");
    },
    end: (next) => `],"next":${JSON.stringify(next)}}`,
  };
}

const objectOf = ({ names, picked }: RowShape, row: Row): string =>
  `{${names.map((name, i) => `${JSON.stringify(name)}:${JSON.stringify(row[picked?.[i] ?? i] ?? null)}`).join(",")}}`;

/** An absent value is an empty cell; lists, maps and records are JSON. */
function cell(value: WireValue): string | number | boolean {
  if (value === null) return "";
  // It travels as text, and is a number.
  if (value === "-Infinity") return -Infinity;
  return typeof value === "object" ? JSON.stringify(value) : value;
}

const csv = (records: readonly (readonly (string | number | boolean)[])[]): string =>
  stringify(records as (string | number | boolean)[][], {
    record_delimiter: "windows",
    // A text that begins like a formula gets an apostrophe before it: spreadsheets run formulas, and anybody may publish one.
    escape_formulas: true,
    cast: { boolean: (value) => String(value) },
  });
