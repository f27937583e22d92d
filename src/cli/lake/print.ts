/** Answers for a terminal, or one JSON object a line for a program. */
import { msText } from "../../model/table-health/amounts";
import type { InstantLine } from "../../model/table-health/instants";
import { plainLine } from "../plain-text";
import type { RowsAnswer } from "./table-rows";

export interface Output {
  isJson: boolean;
  /** Whoever reads it has seen enough. */
  isOver: boolean;
  write: (line: string) => void;
}

const WIDEST = 40;

export function printLines(lines: readonly InstantLine[], output: Output): Promise<void> {
  if (output.isJson)
    return write(
      lines.map((line) => JSON.stringify(line)),
      output,
    );
  const head = ["INSTANT", "ACTION", "STATE", "TOOK", "ROWS (+ ~ -)", "FILES", "PARTITIONS"];
  const cells = lines.map((line) => [
    line.instant,
    line.action,
    line.state,
    line.durationMs === null ? "" : msText(line.durationMs),
    `${line.inserted} ${line.updated} ${line.deleted}`,
    String(line.files),
    line.partitions.join(" "),
  ]);
  return write(aligned([head, ...cells]), output);
}

export function printRows({ columns, rows, left }: RowsAnswer, output: Output): Promise<void> {
  if (output.isJson) {
    return write([...rows.map((row) => safeJson(row)), ...left.map((key) => safeJson({ left: key }))], output);
  }
  const shown = columns.filter((name) => !name.startsWith("_hoodie_") || name === "_hoodie_commit_time");
  const cells = rows.map((row) => shown.map((name) => cellText(row[name])));
  const table = rows.length === 0 ? [] : aligned([shown.map(plainLine), ...cells]);
  return write([...table, ...left.map((key) => `left: ${plainLine(key)}`)], output);
}

/** Control characters of any kind are escaped: a terminal may be what reads it. */
const safeJson = (value: unknown): string =>
  JSON.stringify(value).replace(/[\u007f-\u009f\u2028-\u202e\u2066-\u2069]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`); // prettier-ignore

function cellText(value: unknown): string {
  if (value === null || value === undefined) return "-";
  const text = plainLine(typeof value === "string" ? value : JSON.stringify(value));
  return text.length > WIDEST ? `${text.slice(0, WIDEST - 1)}…` : text;
}

function aligned(rows: readonly (readonly string[])[]): string[] {
  const widths = rows[0]!.map((_, i) => Math.max(...rows.map((row) => row[i]!.length)));
  return rows.map((row) =>
    row
      .map((cell, i) => cell.padEnd(widths[i]!))
      .join("  ")
      .trimEnd(),
  );
}

async function write(lines: readonly string[], output: Output): Promise<void> {
  for (const [i, line] of lines.entries()) {
    if (output.isOver) return;
    output.write(line);
    // What cannot be taken at once is waited for by the turn.
    if (i % 1_000 === 999) await new Promise((resolve) => setImmediate(resolve));
  }
}
