/** What the on-call page shows: counts by status, what is broken, the newest events. */
import type { RequestEventCommon } from "@builder.io/qwik-city";
import type { App } from "../../app";
import { putRows } from "../../components/event-table/rows";
import { tableShape, type TableShape } from "../../components/event-table/shape";
import { firstCommand } from "../../components/first-run/first-command";
import { shownMark, type ShownMark } from "../../components/on-call/decided";
import { shownOwner, type ShownOwner } from "../../components/owner/owner-links";
import { listPipelineOwners } from "../../control/pipeline-owner/list-pipeline-owners";
import { currentMarks } from "../problem-calls";
import { askForPage } from "./page-control";
import { viewsMenu, type ViewsMenu } from "./views-menu";
import { unrecovered } from "../../components/on-call/problem-groups";
import { UTC } from "../../components/ui/time-text";
import { withParams } from "../../components/shell/page-url";
import type { Actor } from "../../control/actor";
import { AppError } from "../../model/app-error";
import { eventTimeOf, type Feed } from "../../model/feed";
import type { Problem } from "../../model/problem";
import { rowToProblem } from "../../model/view";
import { actorOf } from "../actor";
import { readableFeeds } from "../feed-access";
import { readOnlyNote } from "./read-only-note";
import { pageState, pageTime, type PageState } from "./page-time";

export interface OnCallPage {
  views: ViewsMenu;
  state: PageState;
  feed: { name: string; title: string; href: string };
  /** Null for a feed without a status field. */
  status: { field: string; known: readonly string[]; counts: Readonly<Record<string, number>> } | null;
  /** Null for a feed whose events are no attempts. */
  problems: { topic: `views/${string}`; position: string; list: readonly Problem[]; schemaId: string } | null;
  /** What people decided about them; null while it is not known, or on a page of the past, where it is not of that instant. */
  decided: { marks: readonly ShownMark[]; owners: readonly ShownOwner[] } | null;
  shape: TableShape;
  rows: number;
  /** Who writes the table, unless it is Weir. */
  note: string | null;
  firstCommand: string | null;
}

const NEWEST_EVENTS = 25;

/** @throws AppError bad-parameter, gone; a redirect that makes a relative time absolute */
export async function onCallPage(app: App, ev: RequestEventCommon): Promise<OnCallPage> {
  const feed = mainFeed(app, actorOf(ev));
  const time = await pageTime(app, ev, feed.name);
  const topic = `feeds/${feed.name}` as const;
  const snapshot = await app.live.overview(feed.name, NEWEST_EVENTS, time.head);
  const view = app.live.views().find((derived) => derived.view === "problems" && derived.feed === feed);
  const newest = snapshot.rows[0];
  const shape = { ...tableShape(feed), at: time.at, ...(time.zone !== UTC && { zone: time.zone }) };
  const { rows } = snapshot;
  const status = app.ingest.status(feed.name);
  putRows(ev, {
    shape,
    rows,
    follow: time.at === null ? followNewest(topic, snapshot.position, shape, rows.length < NEWEST_EVENTS) : null,
  });
  const views = viewsMenu(app, ev, null);
  const problems = view ? unrecovered(snapshot.problems.map(rowToProblem)) : [];
  const decided = view && time.at === null ? await decidedAbout(app, ev, problems) : null;
  return {
    decided,
    views: await views,
    state: pageState(time, snapshot, newest ? eventTimeOf(feed, newest) : null, status),
    feed: { name: feed.name, title: feed.title, href: withParams(`/feeds/${feed.name}`, { at: time.at }) },
    status: statusOf(feed, snapshot.counts?.day ?? {}),
    problems: view
      ? {
          topic: `views/${view.name}`,
          position: app.live.viewPosition(snapshot),
          list: problems,
          schemaId: view.shape.schemaId,
        }
      : null,
    shape,
    rows: rows.length,
    note: await readOnlyNote(app, feed),
    firstCommand:
      snapshot.instant === null && time.at === null && status.state !== "read-only"
        ? firstCommand(feed, ev.url.origin, time.now)
        : null,
  };
}

/** The feed that on-call looks at: the first from which problems can be derived, else the first. */
/** The one whose events are attempts, else the first; of those that may be read. @throws AppError forbidden */
function mainFeed(app: App, actor: Actor): Feed {
  const feeds = readableFeeds(app.feeds, actor);
  const [feed] = feeds;
  if (feed === undefined)
    throw new AppError("forbidden", `${actor.name} may read no feed yet: an admin gives rights in the settings.`);
  return app.live.views().find((view) => feeds.includes(view.feed))?.feed ?? feed;
}

const followNewest = (topic: `feeds/${string}`, position: string, shape: TableShape, complete: boolean) => ({
  topic,
  position,
  shape,
  filter: { from: null, to: null, text: null, columns: [], windowMs: null },
  limit: NEWEST_EVENTS,
  complete,
  query: "from=1970-01-01",
});

function statusOf(feed: Feed, counts: Readonly<Record<string, number>>): OnCallPage["status"] {
  if (feed.status === null) return null;
  const { name, type } = feed.fields[feed.status]!;
  return { field: name, known: type.kind === "enum" ? type.symbols : [], counts };
}

/** Only what is about problems that the page shows: it travels with it. */
async function decidedAbout(
  app: App,
  ev: RequestEventCommon,
  problems: readonly Problem[],
): Promise<OnCallPage["decided"]> {
  const ids = new Set(problems.map(({ id }) => id));
  const names = [...new Set(problems.map(({ pipelineName }) => pipelineName))].slice(0, MOST_OWNERS_SHOWN);
  return askForPage(app, ev, async (ctx) => ({
    marks: (await currentMarks(app, ctx)).filter(({ problemId }) => ids.has(problemId)).map(shownMark),
    owners: (await listPipelineOwners(ctx, names)).map(shownOwner),
  }));
}

/** As many as the list of problems has rows. */
const MOST_OWNERS_SHOWN = 100;
