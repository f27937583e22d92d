/**
 * What the panels of a dashboard show, all of one position of each feed: their contents as markup, and the topics that they
 * follow. Contents are kept per picture of a feed, so that everybody who looks at the same panel at the same position, and every
 * panel fetched again, shares them; they go with the picture.
 */
import type { App } from "../../../app";
import type { ControlContext } from "../../../control/context";
import { readOrLastShown, savedViewNamed } from "../../../control/last-shown";
import { getSavedView } from "../../../control/saved-view/get-saved-view";
import { AppError } from "../../../model/app-error";
import type { Layout, Panel } from "../../../model/dashboard";
import { feedNamed, fieldOf, panelQuery } from "../../../model/dashboard-check";
import type { Feed } from "../../../model/feed";
import { matcher, type Filter } from "../../../model/filter";
import { instantMs } from "../../../model/instant";
import { bucketsOf, CountFold, foldRows, TimeFold, type RowFold } from "../../../model/panel-fold";
import { filterOf, type RowQuery } from "../../../model/row-query";
import { numberStyle } from "../../../components/ui/number-text";
import type { Zone } from "../../../components/ui/time-text";
import type { Row } from "../../../model/value";
import { rowToPipeline, rowToProblem, type Topic } from "../../../model/view";
import { readableFeeds } from "../../feed-access";
import { escaped } from "../../../components/event-table/markup";
import { withParams } from "../../../components/shell/page-url";
import { panelChart } from "./panel-chart";
import { noteMarkup } from "./note-markup";
import { countsMarkup, pipelinesMarkup, problemsMarkup, tableMarkup } from "./panel-markup";

type Head = NonNullable<Parameters<App["live"]["picture"]>[1]>;
type Picture = Awaited<ReturnType<App["live"]["picture"]>>;

/** What one panel shows. */
export interface PanelView {
  panel: Panel;
  /** Markup of its content. */
  content: string;
  /** Beside the title: what it is about. Text. */
  about: string;
  /** What it follows; null = nothing: a note, or a panel that cannot be shown. */
  topic: Topic | null;
  /** How it follows: `counts` are in every frame, everything else is fetched again. */
  live: "counts" | "fetch" | null;
}

export interface DashboardView {
  panels: PanelView[];
  /** Of every feed that was looked at. */
  pictures: ReadonlyMap<string, Picture>;
}

/** Where the page stands on a feed. */
export interface PanelTime {
  /** The `at` of the page, for links; null = the present. */
  at: string | null;
  /** In which the reader wants times. */
  zone: Zone;
  headOf: (feed: string) => Promise<Head | null>;
}

/** A panel with everything that it needs looked up. */
interface Plan {
  panel: Panel;
  feed: Feed;
  topic: Topic;
  about: string;
  live: "counts" | "fetch";
  /** Unique among all contents of one picture. */
  key: string;
  prepare: (picture: Picture, instant: number) => Content;
}

/** A content that is ready when its fold, if it has one, has seen the rows. */
interface Content {
  fold: RowFold | null;
  markup: () => string;
}

const kept = new WeakMap<Picture, Map<string, string>>();

/** @throws nothing of a single panel: what is wrong with one is what it shows. AppError gone when a feed is not kept that long */
export async function viewPanels(
  app: App,
  ctx: ControlContext,
  panels: Layout["panels"],
  time: PanelTime,
): Promise<DashboardView> {
  const planned = await Promise.all(panels.map((panel) => planOf(app, ctx, panel, time)));
  const names = [...new Set(planned.flatMap((plan) => ("feed" in plan ? [plan.feed.name] : [])))];
  const pictures = new Map(
    await Promise.all(
      names.map(async (name) => [name, await app.live.picture(name, await time.headOf(name))] as const),
    ),
  );
  const contents = new Map<Plan, string>();
  for (const [name, picture] of pictures) {
    const own = planned.filter((plan): plan is Plan => "feed" in plan && plan.feed.name === name);
    for (const [plan, content] of contentsOf(picture, own, app.clock.now())) contents.set(plan, content);
  }
  return {
    pictures,
    panels: planned.map((plan) => {
      if (!("feed" in plan)) return plan;
      const { panel, about, topic, live } = plan;
      return { panel, content: contents.get(plan)!, about, topic, live };
    }),
  };
}

/** All contents of one feed, with one pass over its rows. */
function contentsOf(picture: Picture, plans: readonly Plan[], now: number): Map<Plan, string> {
  const instant = picture.instant === null ? now : instantMs(picture.instant)!;
  let known = kept.get(picture);
  if (!known) kept.set(picture, (known = new Map<string, string>()));
  const missing = new Map<string, Content>();
  for (const { key, prepare } of plans)
    if (!known.has(key) && !missing.has(key)) missing.set(key, prepare(picture, instant));
  const folds = [...missing.values()].flatMap(({ fold }) => (fold === null ? [] : [fold]));
  if (folds.length > 0) foldRows(picture.feed, picture.rows, folds);
  for (const [key, { markup }] of missing) known.set(key, markup());
  return new Map(plans.map((plan) => [plan, known.get(plan.key)!]));
}

async function planOf(app: App, ctx: ControlContext, panel: Panel, time: PanelTime): Promise<Plan | PanelView> {
  const { at } = time;
  if (panel.kind === "note") {
    const content = `<div class="note">${noteMarkup(panel.settings.text)}</div>`;
    return { panel, content, about: at === null ? "" : "as it is now", topic: null, live: null };
  }
  try {
    return await dataPlan(app, ctx, panel, time);
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    const content = `<p class="panel-trouble mark bad">${escaped(error.message)}</p>`;
    return { panel, content, about: "cannot be shown", topic: null, live: null };
  }
}

async function dataPlan(
  app: App,
  ctx: ControlContext,
  panel: Exclude<Panel, { kind: "note" }>,
  time: PanelTime,
): Promise<Plan> {
  const { at, zone } = time;
  const now = app.clock.now();
  const hrefOf = (feed: Feed, filter = "") => withParams(`/feeds/${feed.name}${filter && `?${filter}`}`, { at });
  // Readers of one commit share what is written for them, if they read times and numbers alike.
  const key = JSON.stringify([panel.kind, panel.settings, at, zone, numberStyle()]);
  switch (panel.kind) {
    case "counts": {
      const feed = feedNamed(readableFeeds(app.feeds, ctx.actor), panel.settings.feed);
      const query = panelQuery(feed, panel.settings.filter, now);
      if (feed.status === null) throw new AppError("bad-parameter", `The feed ${feed.name} has no status to count by.`);
      const href = hrefOf(feed, panel.settings.filter);
      return {
        ...{ panel, feed, key, topic: `feeds/${feed.name}`, about: aboutOf(feed.title, panel.settings.filter) },
        live: panel.settings.filter === "" ? "counts" : "fetch",
        prepare: (picture, instant) => countsOf(picture, query, instant, href),
      };
    }
    case "chart": {
      const feed = feedNamed(readableFeeds(app.feeds, ctx.actor), panel.settings.feed);
      const { measure, field, by, span } = panel.settings;
      const query = panelQuery(feed, panel.settings.filter, now);
      const sum = measure === "sum" ? fieldOf(feed, field ?? "", null, "summed") : null;
      const divided = by === null ? null : fieldOf(feed, by, null, "divided by");
      const what = `${sum === null ? "events" : `sum of ${field}`}${by === null ? "" : ` by ${by}`}, last ${span}`;
      return {
        ...{ panel, feed, key, topic: `feeds/${feed.name}`, live: "fetch" },
        about: aboutOf(`${feed.title}: ${what}`, panel.settings.filter),
        prepare: (picture, instant) => {
          const fold = new TimeFold(feed, filterOf(query, instant), divided, sum, bucketsOf(span, instant));
          const floor = picture.floor?.[0] ?? null;
          return {
            fold,
            markup: () => panelChart(fold.read(), { key, floor, instant, isStatus: divided === feed.status, what }),
          };
        },
      };
    }
    case "problems":
    case "pipelines":
      return derivedPlan(app, ctx, panel, key, now, time);
    case "table":
      return tablePlan(app, ctx, panel, key, now, time);
  }
}

function derivedPlan(
  app: App,
  ctx: ControlContext,
  panel: Extract<Panel, { kind: "problems" | "pipelines" }>,
  key: string,
  now: number,
  { at, zone }: PanelTime,
): Plan {
  const { view: name, filter, rows: most } = panel.settings;
  const { view, feed, shape } = readableView(app, ctx, name);
  const query = panelQuery(shape, filter, now);
  const feedHref = withParams(`/feeds/${feed.name}`, { at });
  return {
    ...{ panel, feed, key, topic: `views/${name}`, live: "fetch", about: aboutOf(feed.title, filter) },
    prepare: (picture, instant) => {
      const matches = matcher(shape, viewFilter(query, instant));
      const rows = (picture.derived?.rows(view) ?? []).filter(matches);
      return {
        fold: null,
        markup: () =>
          view === "problems"
            ? problemsMarkup(rows.map(rowToProblem), most, { feedHref, instant, zone })
            : pipelinesMarkup(rows.map(rowToPipeline), most, { feedHref, instant, zone }),
      };
    },
  };
}

/** One of a feed that may not be read is answered like one that does not exist. @throws AppError not-found */
function readableView(app: App, ctx: ControlContext, name: string): ReturnType<App["live"]["view"]> {
  const feeds = readableFeeds(app.feeds, ctx.actor);
  const view = app.live.views().find((one) => one.name === name && feeds.includes(one.feed));
  if (view) return view;
  throw new AppError("not-found", `There is no view ${JSON.stringify(name)} that you may see.`);
}

/** A problem that began days ago is still one: unlike rows of a feed, those of a view are not cut to the last day. */
const viewFilter = (query: RowQuery, instant: number): Filter => ({
  ...filterOf(query, instant),
  ...(query.from === null && { from: null }),
});

async function tablePlan(
  app: App,
  ctx: ControlContext,
  panel: Extract<Panel, { kind: "table" }>,
  key: string,
  now: number,
  { at, zone }: PanelTime,
): Promise<Plan> {
  const { columns, rows: most } = panel.settings;
  const { topic, filter, title } = await sourceOf(ctx, panel.settings.source, panel.settings.filter);
  const name = topic.slice(topic.indexOf("/") + 1);
  const derived = topic.startsWith("views/") ? readableView(app, ctx, name) : null;
  const feed = derived?.feed ?? feedNamed(readableFeeds(app.feeds, ctx.actor), name);
  const shape = derived?.shape ?? feed;
  const query = panelQuery(shape, filter, now);
  const shown = columns.map((column) => fieldOf(shape, column, null, "shown"));
  const href = derived ? null : withParams(`/feeds/${feed.name}${filter && `?${filter}`}`, { at });
  return {
    ...{ panel, feed, topic, live: "fetch", about: aboutOf(title ?? shape.title, title === null ? filter : "") },
    // What a saved view is may have changed since.
    key: `${key}${topic}?${filter}`,
    prepare: (picture, instant) => {
      const rows = derived ? (picture.derived?.rows(derived.view) ?? []) : picture.rows;
      const found = firstOf(
        rows,
        matcher(shape, derived ? viewFilter(query, instant) : filterOf(query, instant)),
        most,
      );
      const isAll = found.length < most && picture.floor !== null && !derived;
      return {
        fold: null,
        markup: () => tableMarkup(shape, shown, found, { at, zone, href, window: isAll ? picture.rows.length : null }),
      };
    },
  };
}

/** What a table shows: of a saved view, the feed and filter of its page. */
async function sourceOf(
  ctx: ControlContext,
  source: string,
  filter: string,
): Promise<{ topic: Topic; filter: string; title: string | null }> {
  const saved = /^saved\/(.*)$/.exec(source)?.[1];
  if (saved === undefined) return { topic: source as Topic, filter, title: null };
  const { value: view } = await readOrLastShown(ctx, savedViewNamed(saved), () => getSavedView(ctx, saved));
  const feed = /^\/feeds\/([^/]+)$/.exec(view.path)?.[1];
  if (feed === undefined)
    throw new AppError(
      "bad-parameter",
      `The saved view ${JSON.stringify(view.name)} is of ${view.path}, which has no rows.`,
    );
  const params = new URLSearchParams(view.search);
  for (const name of ["at", "limit", "after", "cols"]) params.delete(name);
  for (const [name, value] of new URLSearchParams(filter)) params.append(name, value);
  return { topic: `feeds/${decodeURIComponent(feed)}`, filter: params.toString(), title: view.name };
}

function firstOf(rows: readonly Row[], matches: (row: Row) => boolean, most: number): Row[] {
  const found: Row[] = [];
  for (const row of rows) {
    if (!matches(row)) continue;
    found.push(row);
    if (found.length === most) break;
  }
  return found;
}

function countsOf(picture: Picture, query: RowQuery, instant: number, href: string): Content {
  const { feed } = picture;
  const status = feed.fields[feed.status!]!;
  const known = status.type.kind === "enum" ? status.type.symbols : [];
  const isWhole = query.from === null && query.to === null && query.text === null && query.columns.length === 0;
  if (isWhole && picture.counts) {
    const { day } = picture.counts;
    return { fold: null, markup: () => countsMarkup(status.name, known, day, href) };
  }
  const fold = new CountFold(feed, filterOf(query, instant));
  return { fold, markup: () => countsMarkup(status.name, known, Object.fromEntries(fold.counts), href) };
}

const aboutOf = (what: string, filter: string): string =>
  filter === ""
    ? what
    : `${what} · ${[...new URLSearchParams(filter)].map(([name, value]) => `${name}=${value}`).join(", ")}`;
