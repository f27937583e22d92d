/** What the page of a feed shows: rows, filters, where the next page begins, and how the browser follows. */
import type { RequestEventCommon } from "@builder.io/qwik-city";
import type { App } from "../../app";
import type { ViewPage } from "../../live/row-pages";
import type { FollowSpec } from "../../components/event-table/follow-spec";
import { putRows } from "../../components/event-table/rows";
import { sortView, type SortView } from "../../components/event-table/sort-heads";
import { tableShape, type TableShape } from "../../components/event-table/shape";
import { columnsView, type ColumnsView } from "../../components/columns/columns-view";
import { DRAWER } from "../../components/drawer/drawer-address";
import { exportLinks, type ExportLink } from "../../components/export/export-links";
import { filterView, plainAddress, suggestionsOf, type FilterView } from "../../components/filters/filter-view";
import { firstCommand } from "../../components/first-run/first-command";
import { UTC } from "../../components/ui/time-text";
import { withParams } from "../../components/shell/page-url";
import { eventTimeOf, type Feed } from "../../model/feed";
import { parseColumns } from "../../model/columns";
import { DAY_MS, filterOf, nextOf, parseRowQuery, type RowQuery } from "../../model/row-query";
import { parseSort, type RowSort } from "../../model/row-sort";
import { instantMs } from "../../model/instant";
import type { Row } from "../../model/value";
import { sortedRows } from "../../model/sorted-rows";
import { drawerFeed, putDrawer } from "./drawer-page";
import { readOnlyNote } from "./read-only-note";
import { openDefaultView, viewsMenu, type ViewsMenu } from "./views-menu";
import { headAt, hereOf, pageState, pageTime, type PageState, type PageTime } from "./page-time";

export interface FeedPage {
  /** As `drawerFeed` tells; absent = batches do not open beside the list. */
  drawerFeed: string | undefined;
  views: ViewsMenu;
  /** The page without a view, also for those who chose a default. */
  everythingHref: string;
  title: string;
  state: PageState;
  filter: FilterView;
  shape: TableShape;
  columns: ColumnsView;
  sort: SortView;
  exports: readonly ExportLink[];
  /** What an export of more than the page holds. */
  allText: string;
  /** Why the page stands still though it is of the present, or who writes the table; null = it follows a table of ours. */
  note: string | null;
  rows: number;
  total: number;
  nextHref: string | null;
  firstHref: string | null;
  clearHref: string;
  deadLetters: { count: number; href: string };
  tablesHref: string;
  /** The same filter over time. */
  chartsHref: string;
  /** What tells these events from the others. */
  differencesHref: string;
  /** The curl line while the feed has no event at all. */
  firstCommand: string | null;
}

const LIMITS = { limit: 100, maxLimit: 5_000, others: ["cols", "sort"] };
const LIMITS_BESIDE = { ...LIMITS, others: [...LIMITS.others, DRAWER] };
/** Values are suggested from the newest rows; more of them would cost more than they tell. */
const SUGGEST_FROM_ROWS = 2_000;

/** @throws AppError unknown-feed, bad-parameter, gone; a redirect to the plain form of the address */
export async function feedPage(app: App, ev: RequestEventCommon): Promise<FeedPage> {
  const feed = app.feed(ev.params["feed"]!);
  const plain = plainAddress(hereOf(ev));
  if (plain !== null) throw ev.redirect(302, plain);
  await openDefaultView(app, ev);
  const menu = viewsMenu(app, ev, `/feeds/${feed.name}`);
  const time = await pageTime(app, ev, feed.name);
  const beside = drawerFeed(app, ev, feed);
  const query = parseRowQuery(feed, ev.query, time.now, beside === null ? LIMITS : LIMITS_BESIDE);
  // All pages of one answer are of the same commit.
  const head = query.after ? await headAt(app, feed.name, { position: query.after.position }) : time.head;
  const sort = parseSort(feed, ev.query.get("sort"));
  const wanted = { query, head, now: time.now };
  const [found] = await Promise.all([
    sort === null ? newestFirst(app, feed, wanted) : inOrder(app, feed, { ...wanted, sort }),
    putDrawer(app, ev, { feed, time, named: beside }),
  ]);
  const { page } = found;
  const newest = found.newest[0];
  const status = app.ingest.status(feed.name);
  const state = pageState(time, page, newest ? eventTimeOf(feed, newest) : null, status);
  const columns = parseColumns(feed, ev.query.get("cols"));
  const shape: TableShape = {
    ...tableShape(feed, columns),
    at: time.at,
    ...(time.zone !== UTC && { zone: time.zone }),
    ...(sort && { sort }),
  };
  const isPart = page.sortedFrom !== null;
  // A window whose end moves with the clock takes rows in that nobody announces: such a page stands still.
  const isFollowed = time.at === null && query.after === null && query.to?.kind !== "before";
  putRows(ev, { shape, rows: page.rows, follow: isFollowed ? followSpec(feed, shape, query, page, time.here) : null });
  const suggestions = suggestionsOf(feed, found.newest);
  const path = `/feeds/${feed.name}`;
  const search = time.here.slice(ev.url.pathname.length);
  return {
    drawerFeed: beside ?? undefined,
    views: await menu,
    everythingHref: withParams(path, { at: ev.query.get("at"), from: "-24h" }),
    title: feed.title,
    state,
    filter: filterView(feed, time.here, suggestions),
    shape,
    columns: columnsView(feed, shape, time.here, columns !== null),
    sort: sortView(feed, shape.columns, { here: time.here, sort, among: sort && { total: page.total, isPart } }),
    allText: isPart ? "All that match in the hot window" : "All that match",
    exports: exportLinks(`/api/v1/feeds/${feed.name}/rows`, time.here, {
      at: time.at === null ? null : page.position,
      shape,
      shown: query.limit,
    }),
    note:
      isFollowed || time.at !== null
        ? await readOnlyNote(app, feed)
        : "this page stands still: later events are on the first page",
    rows: page.rows.length,
    total: page.total,
    nextHref: page.next && withParams(time.here, { after: nextOf(page.position, page.next) }),
    firstHref: query.after ? withParams(time.here, {}) : null,
    clearHref: withParams(path, { at: time.at, cols: ev.query.get("cols"), sort: ev.query.get("sort") }),
    deadLetters: { count: status.deadLetters, href: `${path}/dead-letters` },
    differencesHref: withParams(`${path}/differences${search}`, { limit: null, cols: null, sort: null }),
    chartsHref: withParams(`/charts${search}`, { feed: feed.name, limit: null, after: null, sort: null }),
    tablesHref: withParams(`/lake/${feed.name}`, { at: time.at }),
    firstCommand:
      feed.derivedFrom === null && page.instant === null && time.at === null && status.state !== "read-only"
        ? firstCommand(feed, ev.url.origin, time.now)
        : null,
  };
}

interface Shown extends Pick<ViewPage, "position" | "instant" | "committedAt" | "rows" | "next" | "total"> {
  /** Where an order was chosen: from when on every event was looked at, epoch ms; null = all there are. */
  sortedFrom: number | null;
}

interface Wanted {
  query: RowQuery;
  head: PageTime["head"];
  /** Epoch ms: the instant of an empty feed. */
  now: number;
}

/** Newest rows of all, to suggest values from, and the rows of the page. */
interface Found {
  newest: readonly Row[];
  page: Shown;
}

async function newestFirst(app: App, feed: Feed, { query, head, now }: Wanted): Promise<Found> {
  const snapshot = await app.live.newest(feed.name, SUGGEST_FROM_ROWS, head);
  const instant = snapshot.instant === null ? now : instantMs(snapshot.instant)!;
  const page = await app.live.page(`feeds/${feed.name}`, {
    filter: filterOf(query, instant),
    limit: query.limit,
    at: head,
    ...(query.after && { after: query.after.place }),
  });
  return { newest: snapshot.rows, page: { ...page, sortedFrom: null } };
}

async function inOrder(app: App, feed: Feed, { query, sort, head, now }: Wanted & { sort: RowSort }): Promise<Found> {
  const picture = await app.live.picture(feed.name, head);
  const { position, instant, committedAt } = picture;
  const filter = filterOf(query, instant === null ? now : instantMs(instant)!);
  const { limit, after } = query;
  const found = sortedRows(picture, { feed, sort, filter, limit, after });
  return { newest: picture.rows.slice(0, SUGGEST_FROM_ROWS), page: { position, instant, committedAt, ...found } };
}

function followSpec(
  feed: Feed,
  shape: TableShape,
  query: RowQuery,
  page: { position: string; next: unknown },
  here: string,
): FollowSpec {
  const { from, to, text, columns, limit } = query;
  return {
    topic: `feeds/${feed.name}`,
    position: page.position,
    shape,
    filter: {
      from: from?.kind === "at" ? from.ms : null,
      to: to?.kind === "at" ? to.ms : null,
      text,
      columns,
      windowMs: from === null ? DAY_MS : from.kind === "before" ? from.ms : null,
    },
    limit,
    complete: page.next === null,
    query: here.split("?", 2)[1] ?? "",
  };
}
