/** How a reader wants numbers: as their preference says, else as their browser's first language writes them. */
import { PLAIN_NUMBERS, type NumberStyle } from "../ui/number-text";

/** The choices of the preference; `auto` = by the browser's language. */
export const NUMBER_CHOICES = ["auto", "comma", "dot", "space", "apostrophe"] as const;
export type NumberChoice = (typeof NUMBER_CHOICES)[number];

const STYLES: Readonly<Record<Exclude<NumberChoice, "auto">, NumberStyle>> = {
  comma: PLAIN_NUMBERS,
  dot: { group: ".", decimal: "," },
  space: { group: "\u00A0", decimal: "," },
  apostrophe: { group: "’", decimal: "." },
};

/** @param acceptLanguage header of the request */
export function readerNumbers(choice: NumberChoice, acceptLanguage: string | null | undefined): NumberStyle {
  if (choice !== "auto") return STYLES[choice];
  const tag = /^\s*([A-Za-z]{2,3}(?:-[A-Za-z\d]{2,8}){0,3})\s*(?:[,;]|$)/.exec(acceptLanguage ?? "")?.[1];
  return tag === undefined ? PLAIN_NUMBERS : styleOfLanguage(tag.toLowerCase());
}

/** Languages are anybody's to invent: so many are remembered. */
const MOST_KNOWN = 500;
const known = new Map<string, NumberStyle>();

function styleOfLanguage(tag: string): NumberStyle {
  let style = known.get(tag);
  if (style === undefined) {
    style = askStyle(tag);
    if (known.size < MOST_KNOWN) known.set(tag, style);
  }
  return style;
}

function askStyle(tag: string): NumberStyle {
  const parts = new Intl.NumberFormat(tag, { numberingSystem: "latn" }).formatToParts(1_234_567.8);
  const letter = (type: string, plain: string) => {
    const value = parts.find((part) => part.type === type)?.value ?? plain;
    return value.length === 1 ? value : plain;
  };
  return { group: letter("group", PLAIN_NUMBERS.group), decimal: letter("decimal", PLAIN_NUMBERS.decimal) };
}
