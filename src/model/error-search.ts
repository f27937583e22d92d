/**
 * Searching in error messages. A question is words and "phrases in quotes"; a message answers it when it has all of them as
 * parts of its text, in whatever case and order. Pure.
 */
import { AppError } from "./app-error";

export interface ErrorQuestion {
  /** In lower case, at least one. */
  terms: readonly string[];
}

/** Where a message answers: a line of it, and what of the line is to be marked, `[start, end)` in ascending order. */
export interface ErrorHit {
  line: string;
  marks: readonly (readonly [number, number])[];
}

const LONGEST_QUESTION = 300;
const MOST_TERMS = 10;
/** Of a line that is shown. */
const LONGEST_LINE = 240;
/** What is shown before the first mark of a long line. */
const LEAD = 60;

/** @throws AppError bad-parameter when there is nothing to look for, or too much */
export function parseQuestion(text: string): ErrorQuestion {
  if (text.length > LONGEST_QUESTION) throw bad(`q has ${text.length} characters; ${LONGEST_QUESTION} are the most.`);
  const terms = [...text.matchAll(/"([^"]*)"?|[^\s"]+/g)]
    .map(([whole, phrase]) => (phrase ?? whole).trim().toLowerCase())
    .filter((term) => term !== "");
  if (terms.length === 0) throw bad('q is empty: it takes words, and phrases in quotes such as "disk full".');
  if (terms.length > MOST_TERMS) throw bad(`q has ${terms.length} words; ${MOST_TERMS} are the most.`);
  return { terms: [...new Set(terms)] };
}

export function answers({ terms }: ErrorQuestion, message: string): boolean {
  const text = message.toLowerCase();
  for (const term of terms) if (!text.includes(term)) return false;
  return true;
}

/** The line of an answering message that has most of the words, the first of several. */
export function hitIn({ terms }: ErrorQuestion, message: string): ErrorHit {
  let best = { line: "", found: -1 };
  for (const line of message.split(/\r?\n/, 500)) {
    const text = line.toLowerCase();
    const found = terms.filter((term) => text.includes(term)).length;
    if (found > best.found) best = { line, found };
    if (found === terms.length) break;
  }
  const line = cut(best.line.trim(), terms);
  return { line, marks: marksIn(line, terms) };
}

/** A long line from a little before its first mark on. */
function cut(line: string, terms: readonly string[]): string {
  if (line.length <= LONGEST_LINE) return line;
  const text = line.toLowerCase();
  const places = terms.map((term) => text.indexOf(term)).filter((at) => at >= 0);
  const from = Math.max(0, Math.min(...places, line.length) - LEAD);
  const part = line.slice(from, from + LONGEST_LINE).replace(/^[\uDC00-\uDFFF]|[\uD800-\uDBFF]$/g, "");
  return `${from > 0 ? "…" : ""}${part}${from + LONGEST_LINE < line.length ? "…" : ""}`;
}

/** What of a text the terms cover; parts that meet are one. */
export function marksIn(line: string, terms: readonly string[]): [number, number][] {
  const text = line.toLowerCase();
  // Letters whose lower case is longer would shift every place behind them.
  if (text.length !== line.length) return [];
  const found: [number, number][] = [];
  for (const term of terms)
    for (let at = text.indexOf(term); at >= 0; at = text.indexOf(term, at + term.length))
      found.push([at, at + term.length]);
  found.sort((a, b) => a[0] - b[0]);
  const marks: [number, number][] = [];
  for (const [start, end] of found) {
    const last = marks.at(-1);
    if (last && start <= last[1]) last[1] = Math.max(last[1], end);
    else marks.push([start, end]);
  }
  return marks;
}

const bad = (message: string): AppError => new AppError("bad-parameter", message, { parameter: "q" });
