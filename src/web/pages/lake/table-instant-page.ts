/** What one instant of a feed's tables did: its files, its staged batches, and where to look at it from. */
import type { RequestEventCommon } from "@builder.io/qwik-city";
import type { App } from "../../../app";
import { withParams } from "../../../components/shell/page-url";
import type { Zone } from "../../../components/ui/time-text";
import type { InstantDetail } from "../../../model/table-health/instants";
import type { SqlText } from "../../../model/table-sql";
import { instantOf } from "../../health-calls";
import { onlyParameters } from "../../parameters";
import { zoneOf } from "../reader-zone";
import { stateSql } from "./state-sql";

export interface TableInstantPage {
  instant: string;
  title: string;
  zone: Zone;
  actions: readonly InstantDetail[];
  lakeHref: string;
  links: readonly { label: string; href: string }[];
  neighbours: { earlier: string | null; later: string | null };
  sql: readonly SqlText[];
}

/** @throws AppError unknown-feed, bad-parameter, not-found */
export async function tableInstantPage(app: App, ev: RequestEventCommon): Promise<TableInstantPage> {
  onlyParameters(ev.query, ["at"]);
  const feed = app.feed(ev.params["feed"]!);
  const { instant, actions } = await instantOf(app, feed.name, ev.params["instant"]!, new URLSearchParams());
  const at = ev.query.get("at");
  const { reader, inspector } = app.tables(feed.name);
  const hrefOf = (one: string) => withParams(`/lake/${feed.name}/${one}`, { at });
  const isCommit = actions.some(({ action, state }) => /commit$/.test(action) && state === "COMPLETED");
  const resolved = isCommit ? await reader.resolve({ instant }) : null;
  const isReadable = resolved?.kind === "head";
  const [table] = inspector.tables;
  const [older, head] = await Promise.all([table!.lines({ limit: 1, after: instant, at: null }), reader.head()]);
  const newer = await newerThan(table!, instant);
  const earlier = older.lines[0]?.instant ?? null;
  return {
    instant,
    title: feed.title,
    zone: zoneOf(ev),
    actions,
    lakeHref: withParams(`/lake/${feed.name}`, { at }),
    links: isReadable
      ? [
          { label: "Rows as of it", href: withParams(`/feeds/${feed.name}`, { at: instant }) },
          { label: "On-call as of it", href: withParams("/", { at: instant }) },
          ...(await changesLink(app, feed.name, instant)),
          { label: "Notes", href: `/feeds/${feed.name}/instants/${instant}` },
        ]
      : [],
    neighbours: { earlier: earlier && hrefOf(earlier), later: newer && hrefOf(newer) },
    sql: isReadable
      ? await stateSql(app, feed.name, instant, { isHead: head.instant === instant, onlyChanged: true })
      : [],
  };
}

/** The changes of this commit alone, which are immutable: from the commit before it. */
async function changesLink(app: App, feedName: string, instant: string) {
  const { reader } = app.tables(feedName);
  const [to, before] = await Promise.all([reader.resolve({ instant }), positionBefore(app, feedName, instant)]);
  if (to.kind !== "head" || before === null) return [];
  const query = new URLSearchParams({ since: before, until: to.position });
  return [{ label: "Its changes (JSON)", href: `/api/v1/feeds/${feedName}/changes?${query.toString()}` }];
}

async function positionBefore(app: App, feedName: string, instant: string): Promise<string | null> {
  const { entries } = await app.tables(feedName).reader.timeline({ limit: 50, after: instant });
  return entries.find(({ position }) => position !== null)?.position ?? null;
}

const LOOKED_BACK = 1_000;

/** The next action after an instant, among the newest that a timeline has. */
async function newerThan(
  table: { lines: (query: { limit: number; at: null }) => Promise<{ lines: readonly { instant: string }[] }> },
  instant: string,
): Promise<string | null> {
  const { lines } = await table.lines({ limit: LOOKED_BACK, at: null });
  return lines.findLast((line) => line.instant > instant)?.instant ?? null;
}
