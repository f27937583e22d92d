/** What is told of a job that failed: one line that says what happened, then the last that it said. */
import { plainText } from "../plain-text";

export type JobEnd =
  | { kind: "exit"; code: number }
  | { kind: "signal"; signal: NodeJS.Signals }
  /** It never ran. */
  | { kind: "unstarted"; code: string; reason: string };

const MOST_LINES = 20;
const MOST_CHARS = 4_000;
const HEADLINE_CHARS = 300;
/** A line that names an error says more than the last one, which may be a stack frame's or the runtime's own. */
const NAMES_ERROR = /error|exception|fatal|panic|fail|denied|refused|not found|no such|cannot|unable|timed? ?out/i;

/**
 * The first line is what failures are grouped by.
 *
 * @param tail the last bytes of its standard error, whatever is in them
 */
export function failureText(end: JobEnd, tail: Buffer): string {
  const lines = linesOf(tail);
  const headline = headlineOf(lines);
  const first = headline === null ? what(end) : `${what(end)}: ${headline}`;
  const rest = lines.slice(-MOST_LINES).join("\n").slice(-MOST_CHARS);
  return rest === "" || rest === headline ? first : `${first}\n${rest}`;
}

function what(end: JobEnd): string {
  switch (end.kind) {
    case "exit":
      return `exit code ${end.code}`;
    case "signal":
      return `killed by ${end.signal}`;
    case "unstarted":
      return `could not be started (${end.code}): ${end.reason}`;
  }
}

/** Lines that hold anything. Of a line that was drawn over (a progress bar) only what was left standing. */
function linesOf(tail: Buffer): string[] {
  return tail
    .toString("utf8")
    .split("\n")
    .map((line) => plainText(line.replace(/\r+$/, "").replace(/^.*\r/s, "")).trimEnd())
    .filter((line) => line !== "");
}

function headlineOf(lines: readonly string[]): string | null {
  const flush = lines.filter((line) => !/^\s/.test(line));
  const line = flush.findLast((text) => NAMES_ERROR.test(text)) ?? flush.at(-1) ?? lines.at(-1);
  return line === undefined ? null : line.trim().slice(0, HEADLINE_CHARS);
}
