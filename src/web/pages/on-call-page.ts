/** What the on-call page shows: how it stands, what is broken, the pipelines worst first, the newest events. */
import type { RequestEventCommon } from "@builder.io/qwik-city";
import type { App } from "../../app";
import { putRows } from "../../components/event-table/rows";
import { tableShape, type TableShape } from "../../components/event-table/shape";
import { DRAWER } from "../../components/drawer/drawer-address";
import { firstCommand } from "../../components/first-run/first-command";
import { inTime, type Around } from "../../components/on-call/around";
import { consoleMarkup } from "../../components/on-call/console-markup";
import { dayCutAt } from "../../components/on-call/counts";
import { shownMark, type ShownMark } from "../../components/on-call/decided";
import { inScript, type OnCallData, type StatusWords } from "../../components/on-call/on-call-data";
import { factsOf, packFacts, type PipelineFacts } from "../../components/on-call/pipeline-facts";
import { panelsOf } from "../../components/on-call/panels";
import { judge, PIPELINE_SORTS, type PipelineSort } from "../../components/on-call/pipeline-order";
import { isUnrecovered } from "../../components/on-call/problem-order";
import { isUnheard } from "../../components/on-call/unheard-markup";
import { shownOwner, type ShownOwner } from "../../components/owner/owner-links";
import { withParams } from "../../components/shell/page-url";
import { UTC } from "../../components/ui/time-text";
import type { Actor } from "../../control/actor";
import { listPipelineOwners } from "../../control/pipeline-owner/list-pipeline-owners";
import { AppError } from "../../model/app-error";
import { eventTimeOf, type Feed } from "../../model/feed";
import type { RecentRun } from "../../model/pipeline";
import { HEALTH_STATES, type HealthState } from "../../model/pipeline-health";
import type { Problem } from "../../model/problem";
import { rowToPipeline, rowToProblem, type ViewName } from "../../model/view";
import { actorOf } from "../actor";
import { readableFeeds } from "../feed-access";
import { currentMarks } from "../problem-calls";
import { tableHealthLine } from "../table-facts";
import { askForPage } from "./page-control";
import { pageState, pageTime, type PageState, type PageTime } from "./page-time";
import { drawerFeed, putDrawer } from "./drawer-page";
import { readOnlyNote } from "./read-only-note";
import { viewsMenu, type ViewsMenu } from "./views-menu";

export interface OnCallPage {
  /** As `drawerFeed` tells; absent = batches do not open beside the newest events. */
  drawerFeed: string | undefined;
  views: ViewsMenu;
  state: PageState;
  feed: { name: string; title: string; href: string };
  /** The feeds that the page can be about. */
  feeds: readonly { title: string; href: string; isCurrent: boolean }[];
  /** The panels as markup. */
  console: string;
  /** `OnCallData` as JSON for a script element. */
  data: string;
  shape: TableShape;
  rows: number;
  /** Who writes the table, unless it is Weir. */
  note: string | null;
  firstCommand: string | null;
}

export const ON_CALL_PARAMETERS = ["at", DRAWER, "feed", "sort", "state"] as const;

const NEWEST_EVENTS = 10;

type Overview = Awaited<ReturnType<App["live"]["overview"]>>;

/** @throws AppError bad-parameter, unknown-feed, gone; a redirect that makes a relative time absolute */
export async function onCallPage(app: App, ev: RequestEventCommon): Promise<OnCallPage | null> {
  const feeds = onCallFeeds(app, actorOf(ev));
  const feed = chosenFeed(feeds, ev.query.get("feed"), actorOf(ev));
  if (feed === null) return null;
  const time = await pageTime(app, ev, feed.name);
  const [snapshot, tables] = await Promise.all([
    app.live.overview(feed.name, NEWEST_EVENTS, time.head),
    tableHealthLine(app, feed.name, time.head),
  ]);
  const [newest] = snapshot.rows;
  const state = pageState(time, snapshot, newest ? eventTimeOf(feed, newest) : null, app.ingest.status(feed.name));
  const shape = { ...tableShape(feed), at: time.at, ...(time.zone !== UTC && { zone: time.zone }) };
  const { rows } = snapshot;
  putRows(ev, {
    shape,
    rows,
    follow: time.at === null ? followNewest(feed, snapshot.position, shape, rows.length < NEWEST_EVENTS) : null,
  });
  const views = viewsMenu(app, ev, null);
  const beside = drawerFeed(app, ev, feed);
  const [panels] = await Promise.all([
    panelsOfPage(app, ev, { feed, feeds, time, state, snapshot, tables }),
    putDrawer(app, ev, { feed, time, named: beside }),
  ]);
  return {
    ...panels,
    drawerFeed: beside ?? undefined,
    views: await views,
    state,
    feed: { name: feed.name, title: feed.title, href: withParams(`/feeds/${feed.name}`, { at: time.at }) },
    feeds: feeds.map((one) => ({
      title: one.title,
      href: withParams("/", { feed: one === feeds[0] ? null : one.name, at: time.at }),
      isCurrent: one === feed,
    })),
    shape,
    rows: rows.length,
    note: await readOnlyNote(app, feed),
    firstCommand:
      snapshot.instant === null && time.at === null && app.ingest.status(feed.name).state !== "read-only"
        ? firstCommand(feed, ev.url.origin, time.now)
        : null,
  };
}

/** Feeds that the page can be about: those whose events are attempts; where there is none, all. Of those that may be read. */
function onCallFeeds(app: App, actor: Actor): Feed[] {
  const feeds = readableFeeds(app.feeds, actor);
  const ofAttempts = feeds.filter((feed) => app.live.views().some((view) => view.feed === feed));
  return ofAttempts.length > 0 ? ofAttempts : feeds;
}

/** Null when nothing may be read. @throws AppError bad-parameter */
function chosenFeed(feeds: readonly Feed[], name: string | null, actor: Actor): Feed | null {
  const chosen = name === null ? feeds[0] : feeds.find((feed) => feed.name === name);
  if (chosen) return chosen;
  if (name === null) return null;
  const known = feeds.map((feed) => feed.name).join(", ");
  throw new AppError(
    "bad-parameter",
    `feed=${JSON.stringify(name.slice(0, 80))} is none that this page can be about for ${actor.name}: ${known === "" ? "there is none" : `there are ${known}`}.`,
    { parameter: "feed" },
  );
}

interface Known {
  feed: Feed;
  feeds: readonly Feed[];
  time: PageTime;
  state: PageState;
  snapshot: Overview;
  tables: Awaited<ReturnType<typeof tableHealthLine>>;
}

async function panelsOfPage(
  app: App,
  ev: RequestEventCommon,
  known: Known,
): Promise<Pick<OnCallPage, "console" | "data">> {
  const { feed, feeds, time, state, snapshot } = known;
  const viewOf = (name: ViewName) => app.live.views().find(({ view, feed: own }) => view === name && own === feed);
  const [problemView, pipelineView] = [viewOf("problems"), viewOf("pipelines")];
  const problems = snapshot.problems.map(rowToProblem).filter(isUnrecovered);
  const summaries = snapshot.pipelines.map(rowToPipeline);
  const pipelines = summaries.map(factsOf);
  const around = aroundPage(feed, feed === feeds[0], time, state);
  const unheard = pipelines.filter((facts) => isUnheard(judge(facts, null, around.now)));
  const decided = problemView && time.at === null ? await decidedAbout(app, ev, problems, unheard) : null;
  const position = app.live.viewPosition(snapshot);
  const followed = (view: typeof problemView) => ({ topic: `views/${view!.name}` as const, position, schemaId: view!.shape.schemaId }); // prettier-ignore
  const data: OnCallData = {
    around,
    follow:
      problemView && pipelineView && time.at === null
        ? { problems: followed(problemView), pipelines: followed(pipelineView) }
        : null,
    pipelines: packFacts(time.at === null ? pipelines : [], around.now),
    marks: decided?.marks ?? null,
    owners: decided?.owners ?? [],
    day: snapshot.counts?.day ?? {},
    dayCutAt: snapshot.counts && dayCutAt(snapshot.counts, app.config.hotRows),
    hotRows: app.config.hotRows,
    words: problemView ? null : statusWords(feed),
    sort: chosenSort(ev.query),
    states: chosenStates(ev.query),
  };
  const recent = new Map<string, readonly RecentRun[]>(summaries.map((own) => [own.pipelineName, own.recent]));
  const shown = { ...data, problems, pipelines };
  const console = consoleMarkup({
    ...data,
    panels: panelsOf(shown, around, (name) => recent.get(name) ?? null),
    here: state.here,
    tables: known.tables,
    feed: feed.name,
    tablesHref: withParams(`/lake/${feed.name}`, { at: time.at }),
    allProblemsHref: inTime("/problems", time.at),
  });
  return { console, data: inScript(data) };
}

/** While events wait uncommitted, nothing is called late or silent for what may be among them. */
function aroundPage(feed: Feed, isFirst: boolean, time: PageTime, { age, viewedAt }: PageState): Around {
  const now = time.at === null ? Math.min(time.now, age.waitingSince ?? Infinity) : viewedAt;
  return {
    now,
    zone: time.zone,
    at: time.at,
    feed: isFirst ? null : feed.name,
    feedHref: withParams(`/feeds/${feed.name}`, { at: time.at }),
    pipelinesHref: inTime("/pipelines", time.at),
  };
}

function chosenSort(query: URLSearchParams): PipelineSort {
  const asked = query.get("sort") ?? PIPELINE_SORTS[0];
  const sort = PIPELINE_SORTS.find((known) => known === asked);
  if (sort) return sort;
  throw new AppError(
    "bad-parameter",
    `sort=${JSON.stringify(asked.slice(0, 40))}: pipelines can be sorted by ${PIPELINE_SORTS.join(", ")}.`,
    { parameter: "sort" },
  );
}

function chosenStates(query: URLSearchParams): HealthState[] {
  return [...new Set(query.getAll("state"))].map((asked) => {
    const state = HEALTH_STATES.find((known) => known === asked);
    if (state) return state;
    throw new AppError(
      "bad-parameter",
      `state=${JSON.stringify(asked.slice(0, 40))}: the states of pipelines are ${HEALTH_STATES.join(", ")}.`,
      { parameter: "state" },
    );
  });
}

const followNewest = (feed: Feed, position: string, shape: TableShape, complete: boolean) => ({
  topic: `feeds/${feed.name}` as const,
  position,
  shape,
  filter: { from: null, to: null, text: null, columns: [], windowMs: null },
  limit: NEWEST_EVENTS,
  complete,
  query: "from=1970-01-01",
});

function statusWords(feed: Feed): StatusWords {
  if (feed.status === null) return { field: "", known: [] };
  const { name, type } = feed.fields[feed.status]!;
  return { field: name, known: type.kind === "enum" ? type.symbols : [] };
}

/** Only what is about what the page lists as problems: it travels with it. */
async function decidedAbout(
  app: App,
  ev: RequestEventCommon,
  problems: readonly Problem[],
  unheard: readonly PipelineFacts[],
): Promise<{ marks: readonly ShownMark[]; owners: readonly ShownOwner[] } | null> {
  const ids = new Set(problems.map(({ id }) => id));
  const names = [...new Set([...problems, ...unheard].map(({ pipelineName }) => pipelineName))].slice(
    0,
    MOST_OWNERS_SHOWN,
  );
  return askForPage(app, ev, async (ctx) => ({
    marks: (await currentMarks(app, ctx)).filter(({ problemId }) => ids.has(problemId)).map(shownMark),
    owners: (await listPipelineOwners(ctx, names)).map(shownOwner),
  }));
}

const MOST_OWNERS_SHOWN = 100;
