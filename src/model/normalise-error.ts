/**
 * Error messages with their variable parts taken out, so that equal failures meet in one problem. Where in doubt two errors
 * stay apart: a problem split in two is seen, two problems taken for one are not.
 */

/** Part of every fingerprint: a change of the rules below gives new problems instead of quietly regrouped ones. */
const VERSION = "1";

/** Longest message looked at, in UTF-16 units: the rules below are linear, and the first line says what it is. */
const LONGEST = 400;

export interface NormalisedError {
  /** The first line as it was reported. */
  line: string;
  /** The same with placeholders: `timeout after <n> s`. */
  text: string;
  /** Which kinds of parts may differ among equal errors, in words: "numbers", "paths". */
  ignored: readonly string[];
}

interface Rule {
  kind: string;
  pattern: RegExp;
  replace: (match: string, ...groups: string[]) => string;
}

/** A quoted plain name (a column, a table, a status) says what failed; a quoted value with digits or spaces is data. */
const PLAIN_NAME = /^[A-Za-z_][A-Za-z_.-]{0,39}$/;

const quoted = (match: string): string =>
  PLAIN_NAME.test(match.slice(1, -1)) ? match : `${match[0]}<value>${match[0]}`;

/** In order: what an earlier rule replaced, a later one leaves alone. */
const RULES: readonly Rule[] = [
  { kind: "addresses", pattern: /\b[a-z][a-z0-9+.-]{1,15}:\/\/[^\s"'`<>]+/gi, replace: () => "<url>" },
  { kind: "quoted values", pattern: /"[^"\n]{1,200}"|`[^`\n]{1,200}`|(?<![A-Za-z])'[^'\n]{1,200}'/g, replace: quoted },
  {
    kind: "times",
    pattern:
      /\b\d{4}-\d\d-\d\d(?:[T _-]\d\d(?::?\d\d){0,2}(?:[.,]\d{1,9})?(?:Z|[+-]\d\d:?\d\d)?)?\b|\b\d{1,2}:\d\d:\d\d(?:[.,]\d{1,9})?\b/g,
    replace: () => "<time>",
  },
  { kind: "ids", pattern: /\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/gi, replace: () => "<id>" },
  { kind: "addresses", pattern: /[\w.+-]{1,64}@[\w-]{1,64}(?:\.[\w-]{1,64}){1,8}/g, replace: () => "<mail>" },
  { kind: "paths", pattern: /(?<![\w<])(?:[A-Za-z]:)?(?:\\[\w@.+ -]{1,99}){2,40}/g, replace: () => "<path>" },
  {
    kind: "paths",
    pattern: /(?<![\w<])(?:\.{0,2}|[\w@.+-]{1,99})(?:\/[\w@.+=%:-]{1,199}){2,60}\/?|(?<![\w<])\/[\w@.+=%-]{3,199}/g,
    replace: () => "<path>",
  },
  {
    kind: "hosts",
    pattern: /\b\d{1,3}(?:\.\d{1,3}){3}(?::\d{1,5})?\b|\[[0-9a-f:]{2,45}\](?::\d{1,5})?/gi,
    replace: () => "<host>",
  },
  {
    kind: "hosts",
    pattern: /\b(?:[a-z0-9-]{1,63}\.){1,8}[a-z0-9-]{1,63}:\d{2,5}\b|\blocalhost:\d{2,5}\b/g,
    replace: () => "<host>",
  },
  {
    kind: "hosts",
    pattern: /\b(?:[a-z0-9-]{1,63}\.){1,8}(?:com|net|org|io|dev|cloud|internal|local|cluster|svc)\b(?![.\w])/g,
    replace: () => "<host>",
  },
  { kind: "ids", pattern: /\b(?:0x[0-9a-f]{2,64}|(?=[a-f]{0,63}\d)[0-9a-f]{8,64})\b/gi, replace: () => "<id>" },
  {
    // A code says which failure it is: "HTTP 404" and "HTTP 500" are two problems.
    kind: "numbers",
    pattern:
      /(\b(?:HTTP(?:\/\d(?:\.\d)?)?|status(?: code)?|exit(?: code)?|code|errno|signal|SQLSTATE)[ :=]{1,2})?-?\d+(?:[.,_]\d+)*/gi,
    replace: (match, code: string | undefined) => (code === undefined ? "<n>" : match),
  },
];

/** Null and blank messages have one text of their own. */
export function normaliseError(message: string | null): NormalisedError {
  const line = firstLine(message ?? "");
  if (line === "") return { line: "", text: "(no error message)", ignored: [] };
  const ignored = new Set<string>();
  let text = line;
  for (const { kind, pattern, replace } of RULES) {
    const next = text.replace(pattern, replace as (match: string) => string);
    if (next !== text) ignored.add(kind);
    text = next;
  }
  return { line, text: text.replace(/\s+/g, " "), ignored: [...ignored] };
}

/** The first line of a message, of which problems are made. */
export function firstLine(message: string): string {
  const start = message.trimStart().slice(0, LONGEST);
  const end = start.search(/[\r\n]/);
  return (end < 0 ? start : start.slice(0, end)).trimEnd();
}

/** Id of the problem that an error of a stage belongs to; the same in every process and for ever. */
export const problemId = (pipelineName: string, stageName: string, text: string): string =>
  fingerprint(JSON.stringify([VERSION, pipelineName, stageName, text]));

/** 106 bits of a text in base 36, without crypto so that browsers can compute it. Source: cyrb53 (public domain), twice. */
export const fingerprint = (text: string): string =>
  (cyrb53(text, 0).toString(36) + cyrb53(text, 0x9e3779b9).toString(36)).padStart(8, "0");

function cyrb53(text: string, seed: number): number {
  let high = 0xdeadbeef ^ seed;
  let low = 0x41c6ce57 ^ seed;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    high = Math.imul(high ^ unit, 2654435761);
    low = Math.imul(low ^ unit, 1597334677);
  }
  high = Math.imul(high ^ (high >>> 16), 2246822507) ^ Math.imul(low ^ (low >>> 13), 3266489909);
  low = Math.imul(low ^ (low >>> 16), 2246822507) ^ Math.imul(high ^ (high >>> 13), 3266489909);
  return 4294967296 * (2097151 & low) + (high >>> 0);
}
