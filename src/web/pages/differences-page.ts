/** What the page of differences shows: fields ranked by how much their values tell the filtered events from the rest. */
import type { RequestEventCommon } from "@builder.io/qwik-city";
import type { App } from "../../app";
import { filterView, plainAddress, suggestionsOf, type FilterView } from "../../components/filters/filter-view";
import { withParams } from "../../components/shell/page-url";
import type { FieldDifference } from "../../model/field-differences";
import { readDifferences } from "../differences-call";
import { hereOf, pageState, pageTime, type PageState } from "./page-time";

export interface DifferencesPage {
  state: PageState;
  title: string;
  filter: FilterView;
  clearHref: string;
  eventsHref: string;
  selected: number;
  rest: number;
  from: number | null;
  to: number | null;
  isCut: boolean;
  isEverything: boolean;
  fields: readonly ShownField[];
}

export interface ShownField extends Omit<FieldDifference, "values"> {
  values: readonly (FieldDifference["values"][number] & {
    /** This filter with the value, and without it; null when it cannot be filtered by. */
    withHref: string | null;
    withoutHref: string | null;
  })[];
}

const SUGGEST_FROM_ROWS = 2_000;

/** @throws AppError unknown-feed, bad-parameter, gone; a redirect to the plain form of the address */
export async function differencesPage(app: App, ev: RequestEventCommon): Promise<DifferencesPage> {
  const feed = app.feed(ev.params["feed"]!);
  const plain = plainAddress(hereOf(ev));
  if (plain !== null) throw ev.redirect(302, plain);
  const time = await pageTime(app, ev, feed.name);
  const found = await readDifferences(app, ev, feed, time.head);
  const { rows } = await app.live.newest(feed.name, SUGGEST_FROM_ROWS, time.head);
  const events = `/feeds/${feed.name}${ev.url.search}`;
  const shown = ({ values, ...field }: FieldDifference): ShownField => ({
    ...field,
    values: values.map((value) => ({ ...value, ...hrefsOf(events, field, value.text) })),
  });
  const { selected, rest, from, to, isCut, isEverything, fields } = found;
  return {
    ...{ selected, rest, from, to, isCut, isEverything },
    state: pageState(time, found, found.newestEventAt, app.ingest.status(feed.name)),
    title: feed.title,
    filter: filterView(feed, time.here, suggestionsOf(feed, rows)),
    clearHref: withParams(ev.url.pathname, { at: time.at }),
    eventsHref: withParams(events, { after: null, limit: null }),
    fields: fields.map(shown),
  };
}

function hrefsOf(
  events: string,
  { field, isFilter }: Pick<FieldDifference, "field" | "isFilter">,
  text: string | null,
) {
  if (!isFilter) return { withHref: null, withoutHref: null };
  const excluded = new URLSearchParams(events.split("?", 2)[1] ?? "").getAll(`${field}!`);
  return {
    withHref: withParams(events, { [field]: text ?? "" }),
    withoutHref: withParams(events, { [`${field}!`]: [...excluded, text ?? ""] }),
  };
}
