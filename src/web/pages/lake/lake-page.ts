/** What the page about the tables of a feed shows: their health, their timelines, and how to read them elsewhere. */
import type { RequestEventCommon } from "@builder.io/qwik-city";
import type { App } from "../../../app";
import { withParams } from "../../../components/shell/page-url";
import type { FreshSpec } from "../../../components/follow/fresh-page";
import type { ChartSpec } from "../../../components/chart/chart-spec";
import { AppError } from "../../../model/app-error";
import { isInstant, type Instant } from "../../../model/instant";
import { worstOf, type Check } from "../../../model/table-health/check";
import type { TableRole } from "../../../model/table-health/facts";
import { allChecks, healthLine, type TableHealthLine } from "../../../model/table-health/health";
import type { InstantLine } from "../../../model/table-health/instants";
import type { SqlText } from "../../../model/table-sql";
import { onlyParameters, wholeParameter } from "../../parameters";
import { feedFacts } from "../../table-facts";
import { hereOf, pageState, pageTime, type PageState } from "../page-time";
import { freshSpec } from "../fresh-spec";
import { readOnlyNote } from "../read-only-note";
import { tableCharts } from "./lake-charts";
import { stateSql } from "./state-sql";

export interface LakePage {
  state: PageState;
  title: string;
  feed: { name: string; href: string };
  note: string | null;
  /** Null where it stands still. */
  follow: FreshSpec | null;
  line: TableHealthLine;
  /** The instant of the page, epoch ms. */
  now: number;
  worst: "ok" | "watch" | "bad";
  /** Of the feed, then of each table. */
  checks: readonly Check[];
  /** Where duplicates are counted; null where they were, or of the past. */
  countHref: string | null;
  charts: readonly ChartSpec[];
  tables: readonly { role: TableRole; name: string; href: string; isCurrent: boolean }[];
  timeline: LakeTimeline;
  sql: readonly SqlText[];
}

export interface LakeTimeline {
  role: TableRole;
  lines: readonly InstantLine[];
  /** Page of an instant of it. */
  hrefOf: Readonly<Record<Instant, string>>;
  olderHref: string | null;
  newestHref: string | null;
}

const LIMIT = 50;
const MOST = 1_000;

/** @throws AppError unknown-feed, bad-parameter, gone, engine-unavailable; a redirect that makes a relative time absolute */
export async function lakePage(app: App, ev: RequestEventCommon): Promise<LakePage> {
  onlyParameters(ev.query, ["at", "table", "after", "limit", "duplicates"]);
  const feed = app.feed(ev.params["feed"]!);
  const time = await pageTime(app, ev, feed.name);
  const here = hereOf(ev);
  const { inspector } = app.tables(feed.name);
  const at = time.head;
  const isCounted = ev.query.get("duplicates") === "count" && at === null;
  const table = tableIn(inspector.tables, ev.query.get("table"));
  const after = afterIn(ev.query.get("after"));
  const limit = wholeParameter(ev.query, "limit", LIMIT, MOST);
  const moment = at?.instant ? { instant: at.instant, time: at.committedAt ?? time.now } : null;
  const [facts, duplicates, page, head] = await Promise.all([
    feedFacts(app, feed.name, at),
    isCounted ? inspector.duplicates() : null,
    table.lines({ limit, ...(after !== null && { after }), at: moment }),
    at ?? app.tables(feed.name).reader.head(),
  ]);
  // Counting is asked for once and costs a look at every key, and the place in the timeline is one that somebody went to.
  const isStill = isCounted || after !== null;
  const state = pageState(time, head, null, app.ingest.status(feed.name));
  const [first] = facts.tables;
  const checks = allChecks(facts, duplicates);
  return {
    state,
    title: feed.title,
    feed: { name: feed.name, href: withParams(`/feeds/${feed.name}`, { at: time.at }) },
    note: time.at !== null ? null : isStill ? STANDS_STILL : await readOnlyNote(app, feed),
    follow: time.at === null && !isStill ? freshSpec(app, feed) : null,
    line: healthLine(facts),
    now: facts.now,
    worst: worstOf(checks),
    checks,
    countHref: at === null && !isCounted ? `${withParams(here, { duplicates: "count" })}#duplicates` : null,
    charts: first ? tableCharts(first, time.zone) : [],
    tables: inspector.tables.map(({ role, name }) => ({
      role,
      name,
      href: `${withParams(here, { table: role, after: null })}#timeline`,
      isCurrent: role === table.role,
    })),
    timeline: {
      role: table.role,
      lines: page.lines,
      hrefOf: Object.fromEntries(
        page.lines.map(({ instant }) => [instant, withParams(`/lake/${feed.name}/${instant}`, { at: time.at })]),
      ),
      olderHref: page.next && `${withParams(here, { after: page.next })}#timeline`,
      newestHref: after === null ? null : `${withParams(here, { after: null })}#timeline`,
    },
    sql:
      head.instant === null
        ? []
        : await stateSql(app, feed.name, head.instant, { isHead: at === null, onlyChanged: false }),
  };
}

const STANDS_STILL = "this page stands still";

/** @throws AppError bad-parameter */
function tableIn<T extends { role: TableRole }>(tables: readonly T[], wanted: string | null): T {
  const found = wanted === null ? tables[0] : tables.find(({ role }) => role === wanted);
  if (found) return found;
  const roles = tables.map(({ role }) => role).join(", ");
  throw new AppError("bad-parameter", `table=${JSON.stringify((wanted ?? "").slice(0, 40))} is none of ${roles}.`, {
    parameter: "table",
  });
}

/** @throws AppError bad-parameter */
function afterIn(text: string | null): Instant | null {
  if (text === null || isInstant(text)) return text;
  throw new AppError(
    "bad-parameter",
    `after must be an instant of 17 digits, not ${JSON.stringify(text.slice(0, 40))}.`,
    {
      parameter: "after",
    },
  );
}
