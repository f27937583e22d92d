/**
 * Follows a feed on a page whose parts only the server can write, and that cost it more than a list does: after commits they
 * are asked for anew, now and then, and not while somebody reads a chart. The page's age is the one of the parts that it shows.
 */
import type { DataAge } from "../shell/data-age";
import { followPage } from "./follow-page";
import { freshParts } from "./fresh-parts";

/** What the server writes into `data-follow` of the page. */
export interface FreshSpec {
  feed: string;
  /** The stream begins here: at what the page shows, or before it. */
  position: string;
  schemaId: string;
  /** Index of the key in a row. */
  key: number;
}

export interface FreshFollowing {
  age: DataAge;
  renderedAt: number;
  setAge: (age: DataAge) => void;
}

const EVERY_MS = 5_000;
/** Ages, ranges that end now and what is overdue are told by the clock and not by a commit. */
const CLOCK_MS = 60_000;
/** A pointer that rests on a chart for longer reads it no more. */
const READING_MS = 10_000;

/** Follows until the answer is called. */
export function followFresh({ age, renderedAt, setAge }: FreshFollowing): () => void {
  const main = document.getElementById("main")!;
  const spec = JSON.parse(main.dataset["follow"]!) as FreshSpec;
  const leaving = new AbortController();
  let isDue = false;
  let askedAt = renderedAt;
  let movedAt = -Infinity;
  let heard = age.committedAt;
  let asked = heard;
  let shown = heard;
  const parts = freshParts(main, { onFresh: () => (shown = asked) });
  const onMove = () => (movedAt = performance.now());
  main.addEventListener("pointermove", onMove, { passive: true, signal: leaving.signal });
  const isRead = () =>
    main.querySelector(".charts:focus-within") !== null ||
    (performance.now() - movedAt < READING_MS && main.querySelector(".charts:hover") !== null);
  const askIfDue = (now: number) => {
    const isWanted = now - askedAt >= (isDue ? EVERY_MS : CLOCK_MS);
    if (!isWanted || document.hidden || isRead()) return;
    isDue = false;
    askedAt = now;
    asked = heard;
    parts.changed();
  };
  const stop = followPage({
    feed: spec.feed,
    topics: [{ topic: `feeds/${spec.feed}`, since: spec.position, key: spec.key, schemaId: spec.schemaId }],
    renderedAt,
    age,
    newestIn: () => null,
    // Told once a second.
    setAge: (next) => {
      heard = next.committedAt;
      setAge({ ...next, committedAt: shown });
      if (next.now !== null && next.link === "live") askIfDue(next.now);
    },
    onDelta: () => {
      isDue = true;
    },
  });
  return () => {
    leaving.abort();
    stop();
    parts.close();
  };
}
