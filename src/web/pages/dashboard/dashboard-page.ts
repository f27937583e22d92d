/** What the page of a dashboard shows: its panels at one position of each feed, how the browser follows, and its forms. */
import type { RequestEventCommon } from "@builder.io/qwik-city";
import type { App } from "../../../app";
import { withParams } from "../../../components/shell/page-url";
import type { ControlContext } from "../../../control/context";
import type { Dashboard } from "../../../control/dashboard/dashboard";
import { AppError } from "../../../model/app-error";
import type { Panel } from "../../../model/dashboard";
import { panelOf, type PanelDefaults } from "../../../model/dashboard-change";
import { eventTimeOf, type Feed } from "../../../model/feed";
import type { Topic } from "../../../model/view";
import { readableFeeds } from "../../feed-access";
import { headAt, pageState, pageTime, type PageState, type PageTime } from "../page-time";
import type { Zone } from "../../../components/ui/time-text";
import { keptSentence, lookAtDashboard } from "./look-at-dashboards";
import { viewPanels, type DashboardView, type PanelTime } from "./panel-view";
import { sectionMarkup, type SectionAbout } from "./section-markup";

/** How the browser follows, beside the panels that name their topics. */
export interface DashboardFollow {
  id: string;
  revision: number;
  arranging: boolean;
  /** The feed that the age of the page is about, and the event time in its rows. */
  feed: string;
  eventTime: number;
  topics: FollowedTopic[];
}

export interface FollowedTopic {
  topic: Topic;
  since: string;
  key: number;
  schemaId: string;
}

/** What a form that was just sent did, or why it did not. */
export interface Outcome {
  ok: boolean;
  text: string;
  /** Where to look at what it is now. */
  reload: string | null;
}

export interface DashboardPage {
  state: PageState;
  dashboard: Omit<Dashboard, "layout">;
  panels: number;
  /** The elements of all panels. */
  grid: string;
  /** Null on a page that stands still. */
  follow: DashboardFollow | null;
  arranging: boolean;
  /** The panel that is being edited. */
  edited: Panel | null;
  feeds: { name: string; title: string; fields: string[] }[];
  outcome: Outcome | null;
  /** That this is not as it is kept but as it was read last; null = it is. */
  kept: string | null;
  hrefs: { here: string; view: string; arrange: string; exported: string; list: string };
}

const OUTCOME = "weir.dashboardOutcome";

/** For the page that is rendered after a form was refused. */
export const leaveOutcome = (ev: RequestEventCommon, outcome: Outcome): void => void ev.sharedMap.set(OUTCOME, outcome);

/**
 * The feed that pages look at when nobody said which: the first with derived views, else the first, of those that may be read.
 *
 * @throws AppError forbidden when that is none
 */
export function mainFeed(app: App, { actor }: ControlContext): Feed {
  const feeds = readableFeeds(app.feeds, actor);
  const feed = app.live.views().find((view) => feeds.includes(view.feed))?.feed ?? feeds[0];
  if (feed) return feed;
  throw new AppError("forbidden", `${actor.name} may read no feed yet: an admin gives rights in the settings.`);
}

export function panelDefaults(app: App, ctx: ControlContext): PanelDefaults {
  const feed = mainFeed(app, ctx);
  const named = (view: string) => app.live.views().find((one) => one.feed === feed && one.view === view)?.name ?? null;
  const status = feed.status === null ? null : feed.fields[feed.status]!.name;
  return { feed: feed.name, status, problems: named("problems"), pipelines: named("pipelines") };
}

/**
 * While the database is away it is the dashboard as it was read last for the one who asks, and cannot be changed.
 *
 * @throws AppError not-found, bad-parameter, gone, control-unavailable when it was not read before; a redirect that makes a
 *   relative time absolute
 */
export async function dashboardPage(app: App, ev: RequestEventCommon, ctx: ControlContext): Promise<DashboardPage> {
  const look = await lookAtDashboard(ctx, ev.params["id"]);
  const { layout, ...known } = look.dashboard;
  const dashboard = { ...known, canEdit: known.canEdit && look.keptAt === null };
  const { query } = ev;
  const feed = mainFeed(app, ctx);
  const time = await pageTime(app, ev, feed.name);
  const path = `/dashboards/${dashboard.id}`;
  const arranging = dashboard.canEdit && time.at === null && (query.has("arrange") || query.has("edit"));
  const view = await viewPanels(app, ctx, layout.panels, panelTime(app, time, feed));
  const newest = await app.live.newest(feed.name, 1, time.head);
  const arrange = `${path}?arrange`;
  const section: SectionAbout = { arranging, here: arrange, revision: dashboard.revision };
  const edited = arranging && query.get("edit") ? panelOf(layout, query.get("edit")!) : null;
  return {
    state: pageState(
      time,
      newest,
      newest.rows[0] ? eventTimeOf(feed, newest.rows[0]) : null,
      app.ingest.status(feed.name),
    ),
    dashboard,
    panels: layout.panels.length,
    grid: view.panels.map((panel) => sectionMarkup(panel, section)).join(""),
    follow: time.at === null ? followOf(app, ctx, dashboard, view, arranging) : null,
    arranging,
    edited,
    feeds: readableFeeds(app.feeds, ctx.actor).map(({ name, title, fields }) => ({
      name,
      title,
      fields: fields.map((field) => field.name),
    })),
    outcome: (ev.sharedMap.get(OUTCOME) as Outcome | undefined) ?? null,
    kept: keptSentence("this is the dashboard", look.keptAt, time.now, time.zone),
    hrefs: {
      here: arranging ? arrange : path,
      view: withParams(path, { at: time.at }),
      arrange,
      exported: `/api/v1/dashboards/${dashboard.id}/export`,
      list: "/dashboards",
    },
  };
}

/**
 * Where the page stands on each feed. An instant or a position is of one feed: the others are shown as they were at the moment
 * of its commit.
 */
function panelTime(app: App, { at, zone, head, askedFor }: PageTime, main: Feed): PanelTime {
  const moment = askedFor ?? head?.committedAt ?? null;
  return {
    at,
    zone,
    headOf: async (feed) => {
      if (head === null || feed === main.name) return head;
      if (moment === null) throw new AppError("gone", `There is no moment at which ${feed} could be shown.`);
      return headAt(app, feed, { time: moment });
    },
  };
}

export const present = (zone: Zone): PanelTime => ({ at: null, zone, headOf: () => Promise.resolve(null) });

export function followOf(
  app: App,
  ctx: ControlContext,
  { id, revision }: Pick<Dashboard, "id" | "revision">,
  { panels, pictures }: DashboardView,
  arranging: boolean,
): DashboardFollow {
  const feed = mainFeed(app, ctx);
  const topics = [...new Set(panels.flatMap(({ topic }) => (topic === null ? [] : [topic])))];
  return {
    ...{ id, revision, arranging },
    feed: feed.name,
    eventTime: feed.eventTime,
    topics: topics.map((topic) => {
      const name = topic.slice(topic.indexOf("/") + 1);
      if (topic.startsWith("feeds/")) {
        const { feed: own, position } = pictures.get(name)!;
        return { topic, since: position, key: own.key, schemaId: own.schemaId };
      }
      const { feed: source, shape } = app.live.view(name);
      const since = app.live.viewPosition(pictures.get(source.name)!);
      return { topic, since, key: shape.key, schemaId: shape.schemaId };
    }),
  };
}
