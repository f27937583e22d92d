/** When a page is of: the `at` of its address, resolved to a commit, and what the line under the header says of it. */
import type { RequestEventCommon } from "@builder.io/qwik-city";
import type { App } from "../../app";
import type { DataAge } from "../../components/shell/data-age";
import { withParams } from "../../components/shell/page-url";
import { UTC, type Zone } from "../../components/ui/time-text";
import type { IngestStatus } from "../../ingest/ingest";
import type { Head } from "../../lake/reader";
import { AppError } from "../../model/app-error";
import { isRelative, parseAt, type AtQuery } from "../../model/row-query";
import { zoneOf } from "./reader-zone";

export interface PageTime {
  feedName: string;
  /** Path and query of the page. */
  here: string;
  /** The `at` parameter; null = the present. */
  at: string | null;
  /** The commit that it names; null = the present. */
  head: Head | null;
  /** The moment that `at` asks for, epoch ms; null = the present, or a commit that says it itself. */
  askedFor: number | null;
  /** The server's clock, epoch ms. */
  now: number;
  /** In which the reader wants times. */
  zone: Zone;
}

export const hereOf = (ev: RequestEventCommon): string => ev.url.pathname + ev.url.search;

/**
 * Resolves the page's time. A relative one (`-2h`) is made absolute by redirect, so that the address can be kept and shared.
 *
 * @throws AppError bad-parameter, unknown-feed, gone; a redirect
 */
export async function pageTime(app: App, ev: RequestEventCommon, feedName: string): Promise<PageTime> {
  const now = app.clock.now();
  const here = hereOf(ev);
  const at = ev.query.get("at");
  const zone = zoneOf(ev);
  if (at === null) return { feedName, here, at: null, head: null, askedFor: null, now, zone };
  const parsed = parseAt(at, now);
  if (isRelative(at) && "time" in parsed) {
    throw ev.redirect(302, withParams(here, { at: new Date(parsed.time).toISOString() }));
  }
  const askedFor = "time" in parsed ? parsed.time : null;
  return { feedName, here, at, head: await headAt(app, feedName, parsed), askedFor, now, zone };
}

/** @throws AppError unknown-feed, gone with the oldest instant that is kept */
export async function headAt(app: App, feedName: string, at: AtQuery): Promise<Head> {
  const resolved = await app.tables(feedName).reader.resolve(at);
  if (resolved.kind === "head") return resolved;
  const { oldestInstant } = resolved;
  const cure = oldestInstant === null ? "nothing is kept yet" : `the oldest instant that is kept is ${oldestInstant}`;
  throw new AppError("gone", `What the feed ${feedName} was at that time is not kept: ${cure}.`, {
    oldest: oldestInstant,
  });
}

export interface PageState {
  here: string;
  at: string | null;
  /** Where notes about the commit that a page of the past is of are; null in the present and before the first commit. */
  notesHref: string | null;
  /** The moment that a page of the past is of, epoch ms. */
  viewedAt: number;
  agoMs: number;
  position: string;
  /** The server's clock when the page was rendered, epoch ms. */
  renderedAt: number;
  age: DataAge;
}

/** What every page shows of its time. @param newestEventAt event time of the newest row of the view */
export function pageState(
  time: PageTime,
  of: { position: string; committedAt: number | null },
  newestEventAt: number | null,
  ingest: IngestStatus,
): PageState {
  const { here, at, now, zone } = time;
  const trouble = at === null && (ingest.state === "stalled" || ingest.state === "catching-up") ? ingest.state : null;
  const viewedAt = time.askedFor ?? of.committedAt ?? now;
  return {
    here,
    at,
    notesHref:
      at === null || !time.head?.instant
        ? null
        : `/feeds/${encodeURIComponent(time.feedName)}/instants/${time.head.instant}`,
    viewedAt,
    agoMs: now - viewedAt,
    position: of.position,
    renderedAt: now,
    age: {
      link: at !== null ? "past" : (trouble ?? "snapshot"),
      committedAt: of.committedAt,
      newestEventAt,
      silentSince: null,
      waitingSince: trouble && ingest.staged.oldestAt,
      now: trouble && now,
      ...(zone !== UTC && { zone }),
    },
  };
}
