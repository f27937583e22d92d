/** An error's line with the parts dimmed that differ between equal failures. */
import { firstLine } from "../event-table/cell";
import { escaped } from "../event-table/markup";

const PLACEHOLDER = /<(?:url|value|time|id|mail|path|host|n)>/;

/** A part of a line, and whether it differs between the failures of one problem. */
export interface LinePart {
  text: string;
  varies: boolean;
}

/** @param pattern the error with placeholders for what may differ, which is laid over the line: what stands for itself in both is constant. The whole line where they do not fit. */
export function errorParts(error: string, pattern: string): LinePart[] {
  const line = firstLine(error.replace(/[\t ]+/g, " "));
  const constants = pattern.split(PLACEHOLDER);
  const parts: LinePart[] = [];
  const add = (text: string, varies: boolean) => void (text !== "" && parts.push({ text, varies }));
  let at = 0;
  for (const [i, constant] of constants.entries()) {
    const isLast = i === constants.length - 1;
    const found = isLast && constant === "" ? line.length : line.indexOf(constant, at);
    if (found < 0 || (i === 0 && found > 0)) return [{ text: line, varies: false }];
    add(line.slice(at, found), true);
    add(constant, false);
    at = found + constant.length;
  }
  add(line.slice(at), false);
  return parts;
}

export const errorMarkup = (error: string, pattern: string): string =>
  error === ""
    ? `<span class="muted">no message</span>`
    : errorParts(error, pattern)
        .map(({ text, varies }) => (varies ? `<i>${escaped(text)}</i>` : escaped(text)))
        .join("");
