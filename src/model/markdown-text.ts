/**
 * Text of events and people inside Markdown that we write (invariant 8): it stands in code spans and fenced blocks only, where
 * no Markdown, HTML or address in it means anything, and the fence is longer than any in it.
 */

/** Characters that nobody sees, and that change how what stands beside them is read: controls, marks of direction, joiners. */
const UNSEEN = /(?![\n\t])[\p{Cc}\p{Cf}]/gu;
const named = (char: string): string => `\\u${char.codePointAt(0)!.toString(16).padStart(4, "0")}`;

const MOST_IN_LINE = 500;
const MOST_IN_BLOCK = 20_000;

/** A piece of text in a line. */
export function codeSpan(text: string): string {
  const line = cut(text, MOST_IN_LINE)
    .replace(/\r\n?|[\n\t\u2028\u2029]/g, " ")
    .replace(UNSEEN, named)
    .trim();
  if (line === "") return "_empty_";
  const fence = "`".repeat(longestRun(line) + 1);
  const room = line.startsWith("`") || line.endsWith("`") ? " " : "";
  return fence + room + line + room + fence;
}

/** Text of several lines. */
export function codeBlock(text: string): string {
  const lines = cut(text, MOST_IN_BLOCK)
    .replace(/\r\n?|[\u2028\u2029]/g, "\n")
    .replace(UNSEEN, named);
  const fence = "`".repeat(Math.max(3, longestRun(lines) + 1));
  return `${fence}text\n${lines}\n${fence}`;
}

/** @param label our own words @param url our own address, with what came from events encoded */
export const markdownLink = (label: string, url: string): string =>
  `[${label}](<${url.replace(/[<>\\\s]/g, encodeURIComponent)}>)`;

const cut = (text: string, most: number): string => (text.length > most ? `${text.slice(0, most)}…` : text);

function longestRun(text: string): number {
  return Math.max(0, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
}
