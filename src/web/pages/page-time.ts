/** When a page is of: the `at` of its address, resolved to a commit, and what the line under the header says of it. */
import type { RequestEventCommon } from "@builder.io/qwik-city";
import type { App } from "../../app";
import { withoutDrawer } from "../../components/drawer/drawer-address";
import type { DataAge } from "../../components/shell/data-age";
import { withParams } from "../../components/shell/page-url";
import { UTC, type Zone } from "../../components/ui/time-text";
import type { IngestStatus } from "../../ingest/ingest";
import { hasRole } from "../../control/actor";
import type { Head } from "../../lake/reader";
import { AppError } from "../../model/app-error";
import { isInstant, timeOf } from "../../model/instant";
import { parsePosition } from "../../model/position";
import { isRelative, parseAt, type AtQuery } from "../../model/row-query";
import type { TimeLine } from "../../model/time-line";
import { actorOrNull } from "../actor";
import { lastLook, type LastLook } from "./last-look";
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
  /** Scheme and host that the reader came by: links that are copied begin with it. */
  origin: string;
  /** What the page is moved along. */
  line: TimeLine;
  /** Notes of the instants that are kept for good. */
  pins: ReadonlyMap<string, string>;
  mayPin: boolean;
  /** What the on-call page of now tells of the time since its reader last looked; null where nothing is told. */
  lastLook: LastLook | null;
}

/** Path and query of a page. What is open beside it is no part of it: links that lead on begin with a closed drawer. */
export const hereOf = (ev: RequestEventCommon): string => withoutDrawer(ev.url.pathname + ev.url.search);

const STEP = /^(prev|next):(.{1,40})$/;

/**
 * Resolves the page's time. A relative one (`-2h`) is made absolute by redirect, so that the address can be kept and shared;
 * so is a step: `prev:<instant>` and `next:<instant>` lead to the commit before and after, `prev:now` to the one before the
 * newest, and after the newest comes the present.
 *
 * @throws AppError bad-parameter, unknown-feed, gone; a redirect
 */
export async function pageTime(app: App, ev: RequestEventCommon, feedName: string): Promise<PageTime> {
  const now = app.clock.now();
  const here = hereOf(ev);
  /** With what is open: the address is only made definite. */
  const asked = ev.url.pathname + ev.url.search;
  const at = ev.query.get("at");
  const zone = zoneOf(ev);
  const step = at === null ? null : STEP.exec(at);
  if (step) {
    const instant = await neighbour(app, feedName, step[1] as "prev" | "next", step[2]!);
    throw ev.redirect(302, withParams(asked, { at: instant }));
  }
  const parsed = at === null ? null : parseAt(at, now);
  if (at !== null && parsed !== null && isRelative(at) && "time" in parsed) {
    throw ev.redirect(302, withParams(asked, { at: new Date(parsed.time).toISOString() }));
  }
  const askedFor = parsed !== null && "time" in parsed ? parsed.time : null;
  const head = parsed === null ? null : await headAt(app, feedName, parsed);
  const actor = actorOrNull(ev);
  return {
    ...{ feedName, here, at, head, askedFor, now, zone },
    origin: ev.url.origin,
    line: await app.live.timeLine(feedName, head === null ? null : (askedFor ?? head.committedAt)),
    pins: new Map(
      app
        .tables(feedName)
        .pins.pins()
        .map(({ instant, note }) => [instant, note]),
    ),
    mayPin: actor !== null && hasRole(actor, "operator"),
    lastLook: ev.url.pathname === "/" && head === null ? await lastLook(app, ev, feedName, now) : null,
  };
}

/** The commit beside one; null = the present. @throws AppError bad-parameter, gone */
async function neighbour(app: App, feedName: string, side: "prev" | "next", of: string): Promise<string | null> {
  const { reader } = app.tables(feedName);
  const head = await reader.head();
  const instant = of === "now" ? head.instant : of;
  if (instant === null) return null;
  if (!isInstant(instant)) {
    throw new AppError("bad-parameter", `${side}: takes an instant of 17 digits or now, not ${JSON.stringify(of)}.`, {
      parameter: "at",
    });
  }
  if (side === "next") {
    if (head.instant === null || head.instant <= instant) return null;
    const [next] = await reader.instants({ after: instant, until: head.instant, limit: 1 });
    return next ?? null;
  }
  const before = await reader.resolve({ time: timeOf(instant) - 1 });
  // There is nothing before the first: one stays.
  return before.kind === "head" && before.instant !== null ? before.instant : instant;
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

/** What leads from a page to other moments, and keeps the one that it is of. */
export interface Travel {
  line: TimeLine;
  /** The commit that the page is of; null before the first. */
  instant: string | null;
  /** Steps to the commits before and after; null where there is none. */
  prevHref: string | null;
  nextHref: string | null;
  /** What has changed since; null in the present. */
  sinceHref: string | null;
  /** The address of this page at its instant, with scheme and host; null before the first commit. */
  link: string | null;
  /** The note of the pin; null when the instant is not pinned. */
  pinNote: string | null;
  /** Until when the instant can be shown without a pin, epoch ms; null when that is not known. */
  keptUntil: number | null;
  /** Where the form that pins goes, null for whoever may not. */
  pinAction: string | null;
  lastLook: LastLook | null;
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
  travel: Travel;
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
    travel: travelOf(time, of),
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

function travelOf(time: PageTime, of: { position: string; committedAt: number | null }): Travel {
  const { feedName, here, at, line, pins, origin } = time;
  const point = parsePosition(of.position)?.instant ?? "0";
  const instant = time.head?.instant ?? (point === "0" ? null : point);
  const feedPath = `/feeds/${encodeURIComponent(feedName)}`;
  const step = (side: "prev" | "next", of: string) => withParams(here, { at: `${side}:${of}`, vs: null, done: null });
  return {
    line,
    instant,
    prevHref: instant === null ? null : step("prev", at === null ? "now" : instant),
    nextHref: instant === null || at === null ? null : step("next", instant),
    sinceHref:
      instant === null || at === null ? null : withParams("/difference", { feed: feedName, at: instant, vs: "now" }),
    link: instant === null ? null : origin + withParams(here, { at: instant, done: null }),
    pinNote: instant === null ? null : (pins.get(instant) ?? null),
    keptUntil: of.committedAt === null || line.keptMs === null ? null : of.committedAt + line.keptMs,
    lastLook: time.lastLook,
    pinAction: time.mayPin ? `${feedPath}/pins` : null,
  };
}
