/** Text of others for a terminal or a message: nothing in it moves a cursor, changes a colour or turns the reading direction. */
import { stripVTControlCharacters } from "node:util";

/** Control characters but tab and line feed, and the marks that reorder what is shown. */
const CONTROLS = /(?![\t\n])\p{Cc}|[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

/** Several lines stay several. */
export const plainText = (text: string): string => stripVTControlCharacters(text).replace(CONTROLS, "");

/** The same on one line. */
export const plainLine = (text: string): string => plainText(text).replace(/[\n\t]+/g, " ");
