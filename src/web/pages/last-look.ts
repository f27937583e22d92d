/**
 * What changed since somebody last looked at the on-call page. After a break of a quarter of an hour the moment of the last look
 * is kept until they say that they have seen what changed. Counts are told when they are known at once; the page never waits.
 */
import type { RequestEventCommon } from "@builder.io/qwik-city";
import pTimeout from "p-timeout";
import type { App } from "../../app";
import { LOOK_COOKIE_OPTIONS, LOOKED_COOKIE, SINCE_COOKIE } from "../../components/time/last-look-cookies";
import { withParams } from "../../components/shell/page-url";
import type { Head } from "../../lake/reader";
import type { ChangeCounts } from "../../model/difference";
import { problemCounts } from "../../model/difference-summary";

export interface LastLook {
  /** Epoch ms. */
  since: number;
  counts: { problems: ChangeCounts; stillFailing: number } | null;
  /** Where the counts can be asked for, when they are not known yet. */
  countsHref: string;
  differenceHref: string;
}

const BREAK_MS = 15 * 60_000;
const LONGEST_MS = 90 * 86_400_000;
const PATIENCE_MS = 15;

/** Notes this look in the cookies. @returns null when nothing is to be told */
export async function lastLook(
  app: App,
  ev: RequestEventCommon,
  feedName: string,
  now: number,
): Promise<LastLook | null> {
  const looked = timeOfCookie(ev, LOOKED_COOKIE, now);
  const known = timeOfCookie(ev, SINCE_COOKIE, now);
  const since = known ?? (looked !== null && now - looked >= BREAK_MS ? looked : null);
  keep(ev, LOOKED_COOKIE, now);
  if (since === null) return null;
  const then = await app.tables(feedName).reader.resolve({ time: since });
  if (then.kind === "gone") {
    // Longer ago than anything is kept, or before the first event: there is nothing to compare with.
    ev.cookie.delete(SINCE_COOKIE, { path: "/" });
    return null;
  }
  if (known === null) keep(ev, SINCE_COOKIE, since);
  const at = new Date(since).toISOString();
  return {
    since,
    counts: await inTime(countsSince(app, feedName, then)),
    countsHref: withParams(`/api/v1/feeds/${encodeURIComponent(feedName)}/difference`, { at, vs: "now" }),
    differenceHref: withParams("/difference", { feed: feedName, at, vs: "now" }),
  };
}

export function markSeen(ev: RequestEventCommon, now: number): void {
  ev.cookie.delete(SINCE_COOKIE, { path: "/" });
  keep(ev, LOOKED_COOKIE, now);
}

function keep(ev: RequestEventCommon, name: string, ms: number): void {
  ev.cookie.set(name, String(ms), { ...LOOK_COOKIE_OPTIONS, secure: ev.url.protocol === "https:" });
}

/** Null for what no page of ours has written, or is too long ago to be of use. */
function timeOfCookie(ev: RequestEventCommon, name: string, now: number): number | null {
  const text = ev.cookie.get(name)?.value ?? "";
  const ms = /^\d{13}$/.test(text) ? Number(text) : 0;
  return ms <= now && ms > now - LONGEST_MS ? ms : null;
}

async function countsSince(app: App, feedName: string, then: Head): Promise<LastLook["counts"]> {
  const view = app.live.views().find((one) => one.view === "problems" && one.feed.name === feedName);
  if (view === undefined) return null;
  const topic = `views/${view.name}` as const;
  const [before, after] = await Promise.all([
    then.instant === null ? { rows: [] } : app.live.read(topic, then),
    app.live.read(topic, null),
  ]);
  return problemCounts(view.shape.key, before.rows, after.rows);
}

/** Null when it takes longer than nobody notices, or cannot be told: then the page of the difference says why. */
const inTime = <T>(asked: Promise<T | null>): Promise<T | null> =>
  pTimeout(
    asked.catch(() => null),
    { milliseconds: PATIENCE_MS, fallback: () => null },
  );
