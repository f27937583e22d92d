/**
 * SQL as data: the one place where text becomes part of a statement. A statement is a `Sql`, made by the tagged template below
 * out of its own words and of other `Sql`; a plain string cannot get in (invariant 8). Values become `Sql` through the
 * encoders of `literals.ts`, names through `identifier`.
 *
 *     sql`SELECT ${identifier(field.name)} FROM ${table} WHERE ${identifier(field.name)} = ${hexLiteral(text)}`
 */
import { isWellFormed } from "../../../model/value";

export class Sql {
  /** Only the private member makes a class of its own of it for the compiler: nothing that looks alike passes for one. */
  readonly #text: string;

  private constructor(text: string) {
    this.#text = text;
  }

  get text(): string {
    return this.#text;
  }

  /** Called by this folder only: whoever else has a string has a value or a name. */
  static trusted(text: string): Sql {
    return new Sql(text);
  }
}

/** A piece of a statement. What is written in the source is taken as it stands, what is put in is `Sql` already. */
export function sql(words: TemplateStringsArray, ...parts: readonly Sql[]): Sql {
  return Sql.trusted(words.reduce((text, word, i) => text + parts[i - 1]!.text + word));
}

/** The parts with something between each two; empty for none. */
export const join = (parts: readonly Sql[], separator: Sql = sql`, `): Sql =>
  Sql.trusted(parts.map((part) => part.text).join(separator.text));

export const nothing: Sql = sql``;

/**
 * A name of a column, table, database or function argument, quoted. Also the place of files: `` avro.${identifier("file:/…")} ``.
 *
 * @throws Error for an empty name and for one that no text of a statement can hold
 */
export function identifier(name: string): Sql {
  if (name === "" || !isWellFormed(name) || name.includes("\0")) {
    throw new Error(`${JSON.stringify(name)} is no name that SQL can hold.`);
  }
  return Sql.trusted(`\`${name.replaceAll("`", "``")}\``);
}

/** `database.table`, each quoted. */
export const qualified = (...names: readonly [string, ...string[]]): Sql => join(names.map(identifier), sql`.`);

/** The key of a Spark setting, which SET takes without quotes. @throws Error for what cannot be one */
export function setting(key: string): Sql {
  if (!/^[A-Za-z][A-Za-z0-9._-]{0,200}$/.test(key)) throw new Error(`${JSON.stringify(key)} is no key of a setting.`);
  return Sql.trusted(key);
}
