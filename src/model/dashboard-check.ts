/** Whether a panel can be shown with the feeds that there are: its columns and filters, in the words of the pages. */
import { AppError } from "./app-error";
import type { Panel } from "./dashboard";
import { fieldIndex, type Feed } from "./feed";
import { parseRowQuery, type RowQuery } from "./row-query";
import { viewShape, VIEWS, type ViewName } from "./view";

const LIMITS = { limit: 100, maxLimit: 100 };
const NUMBERS: readonly string[] = ["int", "long", "float", "double"];
const WORDS: readonly string[] = ["string", "enum"];
/** Of the page or of the list, not of a panel. */
const NOT_IN_FILTERS = ["at", "limit", "after"];

/**
 * The filter of a panel.
 *
 * @param now epoch ms @throws AppError bad-parameter
 */
export function panelQuery(shape: Feed, filter: string, now: number): RowQuery {
  const params = new URLSearchParams(filter);
  for (const name of NOT_IN_FILTERS)
    if (params.has(name))
      throw new AppError("bad-parameter", `The filter of a panel has no ${name}: that is for the page to say.`, {
        parameter: name,
      });
  return parseRowQuery(shape, params, now, LIMITS);
}

/** The shape of a derived view by its name. @throws AppError not-found */
export function shapeOfView(name: string, feeds: readonly Feed[]): Feed {
  const [view, feed] = name.split(".", 2);
  if (!VIEWS.includes(view as ViewName)) throw new AppError("not-found", `There is no view ${JSON.stringify(name)}.`);
  if (feed !== undefined) feedNamed(feeds, feed);
  return viewShape(view as ViewName, name);
}

/** @throws AppError unknown-feed */
export function feedNamed(feeds: readonly Feed[], name: string): Feed {
  const feed = feeds.find((one) => one.name === name);
  if (feed) return feed;
  const known = feeds.map((one) => one.name).join(", ");
  throw new AppError("unknown-feed", `There is no feed ${JSON.stringify(name)}: there are ${known}.`);
}

/**
 * @param path where the panel stands in the input, for the message
 * @throws AppError bad-parameter that names the place of what is wrong
 */
export function checkPanel(panel: Panel, feeds: readonly Feed[], now: number, path: string): void {
  const { kind, settings } = panel;
  const within = <T>(member: string, work: () => T): T => named(`${path}.settings.${member}`, work);
  switch (kind) {
    case "note":
      return;
    case "counts": {
      const feed = within("feed", () => feedNamed(feeds, settings.feed));
      within("filter", () => panelQuery(feed, settings.filter, now));
      return;
    }
    case "problems":
    case "pipelines": {
      const shape = within("view", () => shapeOfView(settings.view, feeds));
      within("filter", () => panelQuery(shape, settings.filter, now));
      return;
    }
    case "chart": {
      const feed = within("feed", () => feedNamed(feeds, settings.feed));
      within("filter", () => checkChartFilter(feed, settings.filter, now));
      if (settings.field !== null) within("field", () => fieldOf(feed, settings.field!, NUMBERS, "summed"));
      if (settings.by !== null) within("by", () => fieldOf(feed, settings.by!, WORDS, "divided by"));
      return;
    }
    case "table": {
      const [where, name] = settings.source.split(/\/(.*)/s, 2) as [string, string];
      // Whose view it is, and of what, is known when it is shown.
      if (where === "saved") return;
      const shape = within("source", () => (where === "feeds" ? feedNamed(feeds, name) : shapeOfView(name, feeds)));
      within("filter", () => panelQuery(shape, settings.filter, now));
      for (const [i, column] of settings.columns.entries())
        within(`columns.${i}`, () => fieldOf(shape, column, null, "shown"));
    }
  }
}

function checkChartFilter(feed: Feed, filter: string, now: number): void {
  const { from, to } = panelQuery(feed, filter, now);
  if (from === null && to === null) return;
  throw new AppError("bad-parameter", "The filter of a chart has no from and to: its span says what it covers.");
}

/** Index of a column. @throws AppError bad-parameter */
export function fieldOf(shape: Feed, name: string, kinds: readonly string[] | null, use: string): number {
  const index = fieldIndex(shape, name);
  const field = shape.fields[index];
  if (field && (kinds === null || kinds.includes(field.type.kind))) return index;
  const fitting = shape.fields.filter(({ type }) => kinds === null || kinds.includes(type.kind));
  const known = fitting.length === 0 ? "it has none that can" : `it has ${fitting.map((one) => one.name).join(", ")}`;
  throw new AppError(
    "bad-parameter",
    `${JSON.stringify(name)} is no column of ${shape.name} that can be ${use}: ${known}.`,
  );
}

function named<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    throw new AppError("bad-parameter", `${path}: ${error.message}`, { parameter: path }, { cause: error });
  }
}
