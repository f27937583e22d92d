/**
 * The element id of a row, made from its key. Keys are text of any publisher, ids are looked up by the live layer, so the
 * coding is injective and its letters are safe in an id, in CSS and in HTML parsing: letters that an HTML parser changes
 * (NUL, carriage return, lone surrogates) never appear. The leading underscore keeps it apart from every id that the page
 * itself uses.
 */
const PLAIN = /^[A-Za-z0-9_.:-]*$/;
const UNSAFE = /[^A-Za-z0-9_.:-]/g;

/** Unsafe UTF-16 code units become `~` and four hex digits; keys such as `e-17` or a UUID stay as they are. */
export const rowId = (key: string): string =>
  PLAIN.test(key)
    ? `_${key}`
    : `_${key.replace(UNSAFE, (unit) => `~${unit.charCodeAt(0).toString(16).padStart(4, "0")}`)}`;

/** The key behind an id that `rowId` made. */
export const keyOfRowId = (id: string): string =>
  id.slice(1).replace(/~([0-9a-f]{4})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
