/**
 * The line that says how old the page's data is (invariant 7). Four troubles look different: the link is broken (nothing
 * known since), the engine is stalled (events wait uncommitted), the pipelines are late (commits are fine, events are old),
 * and a page of the past (it will never change).
 */
import { clockTime, durationText, exactTime, UTC, type Zone } from "../ui/time-text";

export type LinkKind =
  "snapshot" | "connecting" | "live" | "paused" | "reconnecting" | "catching-up" | "stalled" | "ended" | "past";

export interface DataAge {
  link: LinkKind;
  /** When the commit that the page stands at completed, epoch ms; null before the first commit. */
  committedAt: number | null;
  /** Event time of the newest event at that commit. */
  newestEventAt: number | null;
  /** Since when nothing was heard from the server; null while it is heard. */
  silentSince: number | null;
  /** Since when accepted events wait to be committed; null when none wait longer than usual. */
  waitingSince: number | null;
  /** In which the reader wants times; UTC unless told. */
  zone?: Zone;
  /** The server's clock, epoch ms; null where there is none to trust (a page without script cannot age itself). */
  now: number | null;
}

export interface AgeLine {
  /** The word in the pill. */
  label: string;
  /** `as of 10:15:00 UTC`, and how long ago that was. */
  asOf: string;
  /** What follows it. */
  detail: string;
  /** The detail is a trouble. */
  late: boolean;
}

const LABELS: Record<LinkKind, string> = {
  snapshot: "Snapshot",
  connecting: "Connecting",
  live: "Live",
  paused: "Paused",
  reconnecting: "Reconnecting",
  "catching-up": "Catching up",
  stalled: "Stalled",
  ended: "Disconnected",
  past: "Past",
};

/** Events older than this, on a page whose link and commits are fine, are late. */
const LATE_MS = 10 * 60_000;

export function ageLine(age: DataAge): AgeLine {
  const { link, committedAt, now, zone = UTC } = age;
  const label = LABELS[link];
  if (committedAt === null) return { label, asOf: "no event yet", detail: "", late: false };
  const past = link === "past";
  const asOf = `as of ${past ? exactTime(committedAt, zone).slice(0, 19) : clockTime(committedAt, now ?? committedAt, zone)} ${zone}`;
  return { label, asOf: asOf + agoText(age, committedAt), ...detailOf(age, committedAt) };
}

/** A page that was told of a commit a moment ago has no age worth a number; without contact it is told how long that lasts. */
const YOUNG_MS = 10_000;
const AGING: readonly LinkKind[] = ["live", "paused", "stalled", "catching-up"];

function agoText({ link, now }: DataAge, committedAt: number): string {
  if (now === null || now - committedAt < YOUNG_MS || !AGING.includes(link)) return "";
  return `, ${durationText(now - committedAt)} ago`;
}

function detailOf(age: DataAge, committedAt: number): { detail: string; late: boolean } {
  const { link, now, newestEventAt, silentSince, waitingSince } = age;
  if ((link === "reconnecting" || link === "ended") && now !== null && silentSince !== null) {
    return { detail: `no contact for ${durationText(now - silentSince)}`, late: true };
  }
  if ((link === "stalled" || link === "catching-up") && now !== null && waitingSince !== null) {
    const what =
      link === "stalled"
        ? "accepted events have waited for a commit for"
        : "older events still wait to be committed, the oldest for";
    return { detail: `${what} ${durationText(now - waitingSince)}`, late: link === "stalled" };
  }
  if (newestEventAt === null) return { detail: "", late: false };
  if (link === "live" && now !== null && now - newestEventAt > LATE_MS) {
    return { detail: `no newer event for ${durationText(now - newestEventAt)}`, late: true };
  }
  return { detail: `${durationText(committedAt - newestEventAt)} behind events`, late: false };
}
