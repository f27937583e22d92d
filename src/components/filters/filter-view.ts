/** What the filter form and its chips show, derived from a feed and the page's address. Pure. */
import type { Feed } from "~/model/feed";
import { BATCH_FIELD, tableShape } from "../event-table/shape";
import { chosenColumns } from "../columns/columns-view";
import { withParams, withoutParam } from "../shell/page-url";

/** A column that can be filtered by choosing or typing a value. */
export interface FilterField {
  /** Name of the field in the schema and in the address. */
  name: string;
  label: string;
  /** A closed list of values (enum) is chosen, an open one typed with suggestions. */
  kind: "choice" | "text";
  options: readonly string[];
}

export interface Chip {
  /** `Status is FAILED`. */
  text: string;
  negated: boolean;
  removeHref: string;
  /** The same filter the other way round; null where there is no other way. */
  invertHref: string | null;
}

export interface FilterView {
  fields: readonly FilterField[];
  chips: readonly Chip[];
  text: string;
  from: string;
  to: string;
}

/**
 * A GET form sends its empty fields too, but in an address `column=` means "is absent". The form's column fields therefore
 * carry this prefix, and the page redirects to the plain address.
 */
export const FORM_PREFIX = "f.";

const RANGE_AND_TEXT = ["q", "from", "to"] as const;

/** The address that a submitted form means, or null when the address is plain already. */
export function plainAddress(address: string): string | null {
  const here = chosenColumns(address) ?? address;
  const [path = "/", query = ""] = here.split("?", 2);
  const params = [...new URLSearchParams(query)];
  const isOfForm = ([name, value]: readonly [string, string]) =>
    name.startsWith(FORM_PREFIX) || (value === "" && [...RANGE_AND_TEXT, "at", "vs", "after", "limit"].includes(name));
  if (!params.some(isOfForm)) return here === address ? null : here;
  const plain = new URLSearchParams();
  for (const [name, value] of params) {
    const target = name.startsWith(FORM_PREFIX) ? name.slice(FORM_PREFIX.length) : name;
    if (isOfForm([name, value]) && value === "") continue;
    if (!plain.getAll(target).includes(value)) plain.append(target, value);
  }
  const text = plain.toString();
  return text === "" ? path : `${path}?${text}`;
}

/** @param suggestions known values by field name, for the open columns */
export function filterView(
  feed: Feed,
  here: string,
  suggestions: Readonly<Record<string, readonly string[]>>,
): FilterView {
  const params = new URLSearchParams(here.split("?", 2)[1] ?? "");
  const labels = new Map(tableShape(feed).columns.map(({ index, label }) => [feed.fields[index]!.name, label]));
  return {
    fields: fieldsOf(feed, suggestions),
    chips: [...params].flatMap(([name, value]) => chipOf(feed, here, labels, name, value)),
    text: params.get("q") ?? "",
    from: params.get("from") ?? "",
    to: params.get("to") ?? "",
  };
}

function fieldsOf(feed: Feed, suggestions: Readonly<Record<string, readonly string[]>>): FilterField[] {
  const fields = tableShape(feed).columns.flatMap(({ index, label, kind }): FilterField[] => {
    const { name, type } = feed.fields[index]!;
    if (type.kind === "enum") return [{ name, label, kind: "choice", options: type.symbols }];
    if (type.kind === "boolean") return [{ name, label, kind: "choice", options: ["true", "false"] }];
    if (type.kind !== "string" || kind === "long") return [];
    return [{ name, label, kind: "text", options: suggestions[name] ?? [] }];
  });
  // The status first, the id of a batch last: in the order in which people narrow down.
  const weight = ({ name }: FilterField) =>
    name === feed.fields[feed.status ?? -1]?.name ? -1 : name === BATCH_FIELD ? 1 : 0;
  return fields.sort((a, b) => weight(a) - weight(b));
}

function chipOf(feed: Feed, here: string, labels: ReadonlyMap<string, string>, name: string, value: string): Chip[] {
  const removeHref = withoutParam(here, name, value);
  if (name === "q") return [{ text: `Text contains “${value}”`, negated: false, removeHref, invertHref: null }];
  if (name === "from") return [{ text: `From ${value}`, negated: false, removeHref, invertHref: null }];
  if (name === "to") return [{ text: `Until ${value}`, negated: false, removeHref, invertHref: null }];
  const negated = name.endsWith("!");
  const field = negated ? name.slice(0, -1) : name;
  if (!feed.fields.some((known) => known.name === field)) return [];
  const label = labels.get(field) ?? field;
  const shown = value === "" ? "absent" : value;
  const other = negated ? field : `${field}!`;
  const others = new URLSearchParams(removeHref.split("?", 2)[1] ?? "").getAll(other);
  return [
    {
      text: `${label} ${negated ? "is not" : "is"} ${shown}`,
      negated,
      removeHref,
      invertHref: withParams(removeHref, { [other]: [...others.filter((one) => one !== value), value] }),
    },
  ];
}

const MAX_SUGGESTIONS = 60;

/** Values of the feed's open columns among some rows, in alphabetical order; none for a column with very many. */
export function suggestionsOf(feed: Feed, rows: Iterable<readonly unknown[]>): Record<string, string[]> {
  const open = fieldsOf(feed, {}).filter(({ kind, name }) => kind === "text" && name !== BATCH_FIELD);
  const values = new Map(
    open.map(({ name }) => [feed.fields.findIndex((field) => field.name === name), new Set<string>()]),
  );
  for (const row of rows) {
    for (const [index, known] of values) {
      const value = row[index];
      if (typeof value === "string" && known.size <= MAX_SUGGESTIONS) known.add(value);
    }
  }
  return Object.fromEntries(
    [...values]
      .filter(([, known]) => known.size <= MAX_SUGGESTIONS)
      .map(([index, known]) => [feed.fields[index]!.name, [...known].sort()]),
  );
}
