/** The form that chooses columns, and the address that it means. Pure. */
import type { Feed } from "~/model/feed";
import { labelOf, type TableShape } from "../event-table/shape";
import { paramsWithout, withParams } from "../shell/page-url";

export interface ColumnsView {
  /** Those that are shown first, in their order. */
  fields: readonly { name: string; label: string; isShown: boolean }[];
  action: string;
  /** The rest of the page's state. */
  hidden: readonly (readonly [string, string])[];
  /** The same page with the columns that the schema names; null = it shows them. */
  usualHref: string | null;
}

/** Of the form's fields: `col.status=on` = shown, `pos.status=3` = its place. */
const SHOWN = "col.";
const PLACE = "pos.";

/** @param here path and query of the page */
export function columnsView(feed: Feed, { columns }: TableShape, here: string, isChosen: boolean): ColumnsView {
  const shown = columns.map(({ index }) => index);
  const rest = feed.fields.map((_, index) => index).filter((index) => !shown.includes(index));
  return {
    fields: [...shown, ...rest].map((index) => ({
      name: feed.fields[index]!.name,
      label: labelOf(feed, index),
      isShown: shown.includes(index),
    })),
    action: here.split("?", 1)[0]!,
    hidden: paramsWithout(here, ["cols"]),
    usualHref: isChosen ? withParams(here, { cols: null }) : null,
  };
}

/** What a form that was sent means as `cols=`; null when the address has nothing of the form. */
export function chosenColumns(address: string): string | null {
  const [path = "/", query = ""] = address.split("?", 2);
  const params = [...new URLSearchParams(query)];
  const places = params.filter(([name]) => name.startsWith(PLACE));
  if (places.length === 0) return null;
  const shown = new Set(params.flatMap(([name]) => (name.startsWith(SHOWN) ? [name.slice(SHOWN.length)] : [])));
  const chosen = places
    .map(([name, place]) => ({ name: name.slice(PLACE.length), place: placeOf(place) }))
    .filter(({ name }) => shown.has(name))
    .sort((a, b) => a.place - b.place);
  const rest = new URLSearchParams(params.filter(([name]) => !name.startsWith(PLACE) && !name.startsWith(SHOWN)));
  return withParams(`${path}?${rest.toString()}`, {
    cols: chosen.length === 0 ? null : chosen.map(({ name }) => name).join(","),
  });
}

/** What is no number stands last. */
const placeOf = (text: string): number => (/^\d{1,4}$/.test(text) ? Number(text) : Number.MAX_SAFE_INTEGER);
