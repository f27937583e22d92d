/**
 * Numbers as text, in the way that the reader is used to: what stands between thousands, and before decimals. The server tells it
 * by preference or language and writes it on the root element, so that the browser's patches are the same letters.
 */
import { isServer } from "@builder.io/qwik";

/** The letter between thousands and the one before decimals. */
export interface NumberStyle {
  group: string;
  decimal: string;
}

export const PLAIN_NUMBERS: NumberStyle = { group: ",", decimal: "." };

let ofRequest: () => NumberStyle | undefined = () => undefined;

/** The server says here how to find out what the one who asks wants (`routes/plugin.ts`). */
export const askNumbersOfRequest = (ask: () => NumberStyle | undefined): void => {
  ofRequest = ask;
};

let ofDocument: NumberStyle | null = null;

/** Of the page that is rendered, or shown; plain where there is none. */
export function numberStyle(): NumberStyle {
  if (isServer) return ofRequest() ?? PLAIN_NUMBERS;
  return (ofDocument ??= styleOfAttribute(globalThis.document?.documentElement.dataset["numbers"]));
}

/** Both letters, for the root element. */
export const attributeOfStyle = ({ group, decimal }: NumberStyle): string => group + decimal;

export const styleOfAttribute = (text: string | undefined): NumberStyle =>
  text?.length === 2 ? { group: text[0]!, decimal: text[1]! } : PLAIN_NUMBERS;

/** `1234567` to `1,234,567`; digits beyond 2^53 stay exact because it works on the text. */
export function groupDigits(digits: string, { group } = numberStyle()): string {
  const sign = digits.startsWith("-") ? 1 : 0;
  let grouped = digits;
  for (let at = digits.length - 3; at > sign; at -= 3) grouped = `${grouped.slice(0, at)}${group}${grouped.slice(at)}`;
  return grouped;
}

/** `0.5` to `0,5` where decimals stand behind a comma; anything but a number stays as it is. */
export const decimalText = (text: string, { decimal } = numberStyle()): string =>
  decimal !== "." && /^-?\d+\.\d+/.test(text) ? text.replace(".", decimal) : text;
