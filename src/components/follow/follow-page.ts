/**
 * Joins a page with its stream: one stream for all views of the page, the age line once a second, pause, and loading the page
 * again when the stream cannot be continued. Framework-neutral; a component calls it once the page has come to life.
 */
import type { ViewDelta } from "~/model/delta";
import type { NoteFrame } from "~/model/note-kind";
import { openLive, type LiveHandle, type LiveOptions } from "../live/open-live";
import type { Link } from "../live/connection";
import type { DataAge, LinkKind } from "../shell/data-age";
import { keepNow } from "../time/keep-now";
import { DELTA_EVENT, type DeltaDetail } from "./delta-event";
import { HELD_EVENT, type HeldWish } from "./held";

export interface PageFollowing {
  /** The feed that the page is about; its state is asked for while no commit comes. */
  feed: string;
  topics: LiveOptions["topics"];
  /** The server's clock when it rendered the page, epoch ms. */
  renderedAt: number;
  age: DataAge;
  /** Event time of the newest row of a delta, null when it has none or nothing to do with events. */
  newestIn: (topic: string, delta: ViewDelta) => number | null;
  setAge: (age: DataAge) => void;
  onDelta: (topic: string, delta: ViewDelta) => void;
  onPreview?: LiveOptions["onPreview"];
  /** Given once, to a page whose topics change. */
  onHandle?: (handle: LiveHandle) => void;
  /**
   * What people decided may be other than the page shows: somebody changed something, or the stream began (again) and what was
   * said meanwhile is not repeated (then without a note).
   */
  onDecided?: (note: NoteFrame | null) => void;
  /** The person wants to see what waits. */
  onRelease?: () => void;
}

/** What the server says of a feed while nothing is committed. */
interface FeedState {
  state: "live" | "catching-up" | "stalled" | "read-only";
  staged: { oldestAt: number | null };
}

const TICK_MS = 1_000;
/** With no commit for this long, the server is asked whether events wait. */
const QUIET_MS = 10_000;
const ASK_EVERY_MS = 15_000;
/** A page that has to be loaded again so soon after it was loaded waits a moment, so that this cannot spin. */
const YOUNG_MS = 10_000;

/** Follows until the answer is called. */
export function followPage(page: PageFollowing): () => void {
  const offset = page.renderedAt - respondedAt();
  const now = () => Date.now() + offset;
  let age: DataAge = { ...page.age, link: "connecting" };
  let engine: FeedState["state"] =
    page.age.link === "stalled" || page.age.link === "catching-up" ? page.age.link : "live";
  let waitingSince = page.age.waitingSince;
  let link: Link = { kind: "connecting" };
  let wasLive = false;
  let heardAt = Date.now();
  let lastDeltaAt = Date.now();
  let askedAt = Date.now();
  const closing = new AbortController();

  const show = () => {
    const kind = linkKind(link, wasLive, engine);
    age = { ...age, link: kind, now: now(), silentSince: wasLive ? heardAt + offset : null, waitingSince };
    page.setAge(age);
  };
  const ask = async () => {
    askedAt = Date.now();
    try {
      const answer = await fetch(`/api/v1/feeds/${page.feed}`, { signal: closing.signal });
      if (!answer.ok) return;
      const { state, staged } = (await answer.json()) as FeedState;
      engine = state;
      waitingSince = staged.oldestAt;
    } catch {
      // The stream tells of a broken link by itself; this question is asked again.
    }
  };
  const handle: LiveHandle = openLive({
    topics: page.topics,
    onDelta: (topic, delta) => {
      lastDeltaAt = Date.now();
      const newest = page.newestIn(topic, delta);
      age = {
        ...age,
        committedAt: delta.at ?? age.committedAt,
        newestEventAt: newest === null ? age.newestEventAt : Math.max(newest, age.newestEventAt ?? newest),
      };
      if (engine === "stalled") engine = "live";
      page.onDelta(topic, delta);
      document.dispatchEvent(new CustomEvent<DeltaDetail>(DELTA_EVENT, { detail: { topic, delta } }));
      keepNow(delta.to);
      show();
    },
    ...(page.onPreview && { onPreview: page.onPreview }),
    onNote: (note) => page.onDecided?.(note),
    onLink: (next, heard) => {
      if (next.kind === "live" && link.kind !== "live") page.onDecided?.(null);
      link = next;
      heardAt = heard;
      wasLive ||= next.kind === "live";
      if (next.kind === "ended" && next.reason !== "closed" && next.reason !== "access") reload(closing.signal);
      show();
    },
  });
  page.onHandle?.(handle);
  const timer = setInterval(() => {
    const isQuiet = Date.now() - lastDeltaAt > QUIET_MS || engine !== "live";
    if (link.kind === "live" && isQuiet && !document.hidden && Date.now() - askedAt > ASK_EVERY_MS) void ask();
    show();
  }, TICK_MS);
  const onHeld = (event: Event) => {
    const wish = (event as CustomEvent<HeldWish>).detail;
    if (wish === "pause") handle.pause();
    else if (wish === "go-on") handle.resume();
    else page.onRelease?.();
  };
  document.addEventListener(HELD_EVENT, onHeld);

  return () => {
    document.removeEventListener(HELD_EVENT, onHeld);
    clearInterval(timer);
    closing.abort();
    handle.close();
  };
}

/** What the pill says: the link first, because nothing is known of the engine without it. */
export function linkKind(link: Link, wasLive: boolean, engine: FeedState["state"]): LinkKind {
  switch (link.kind) {
    case "connecting":
      return wasLive ? "reconnecting" : "connecting";
    case "reconnecting":
      return "reconnecting";
    case "paused":
    case "asleep":
      return "paused";
    case "ended":
      return "ended";
    case "live":
      return engine === "stalled" || engine === "catching-up" ? engine : "live";
  }
}

/** When the answer with the page began to arrive, by the browser's clock. */
function respondedAt(): number {
  const [navigation] = performance.getEntriesByType("navigation") as PerformanceNavigationTiming[];
  return performance.timeOrigin + (navigation?.responseStart ?? 0);
}

function reload(signal: AbortSignal): void {
  const wait = performance.now() < YOUNG_MS ? 3_000 + 4_000 * Math.random() : 1_000 * Math.random();
  const timer = setTimeout(() => location.reload(), wait);
  signal.addEventListener("abort", () => clearTimeout(timer));
}
