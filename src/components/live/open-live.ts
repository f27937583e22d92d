/**
 * One stream for all views of a page: joins the pure parts (`connection.ts`, `cursors.ts`) with the browser's EventSource,
 * timers and page events. No framework in it; a component calls it once when the page has come to life.
 */
import type { ViewDelta } from "~/model/delta";
import type { NoteFrame } from "~/model/note-kind";
import type { Position } from "~/model/position";
import type { Row } from "~/model/value";
import { nextLink, startLink, type Happening, type Link, type LinkEnd, type LinkState } from "./connection";
import { paced } from "./flush-pace";
import { Cursors, type Taken, type TopicStart } from "./cursors";

export interface LiveOptions {
  topics: readonly (TopicStart & { schemaId?: string })[];
  /** Address of the stream without its query. */
  url?: string;
  /** What changed in a view since the last call: at once, and then at most once per animation frame and topic. */
  onDelta: (topic: string, delta: ViewDelta) => void;
  /**
   * Rows that were accepted and are not committed yet (null = begin again: the stream tells what is so now). Called when
   * everything that came before them on the stream has been handed to `onDelta`.
   */
  onPreview?: (topic: string, frame: PreviewFrame | null) => void;
  /** Somebody decided something that the page may show: `ref` is asked for again. */
  onNote?: (note: NoteFrame) => void;
  /** The link changed, or (`heardAt`) something was heard on it. An end other than "closed" means: load the page again. */
  onLink: (link: Link, heardAt: number) => void;
}

/** Previews that come, and keys of those that are none any more. */
export interface PreviewFrame {
  up: readonly Row[];
  del: readonly string[];
}

export interface LiveHandle {
  pause(): void;
  resume(): void;
  /** Follows other topics from now on, on a stream in the place of this one; those that stay go on where they are. */
  retarget(topics: LiveOptions["topics"]): void;
  close(): void;
  /** Where a view stands: what is shown by now, or will be with the next animation frame at the latest. */
  position(topic: string): Position | null;
}

interface Hello {
  topic: string;
  since: Position;
  schemaId: string;
  hb: number;
}

const TICK_MS = 1_000;
/** Timers of hidden pages are slow anyway, and nobody looks. */
const HIDDEN_FLUSH_MS = 1_000;

export function openLive({
  topics: first,
  url = "/api/v1/live",
  onDelta,
  onPreview,
  onNote,
  onLink,
}: LiveOptions): LiveHandle {
  let topics = first;
  const cursors = new Cursors(topics);
  let source: EventSource | null = null;
  let state: LinkState;

  const scheduleFlush = paced(() => cursors.flush(onDelta), {
    isHidden: () => document.hidden,
    soon: (then) => setTimeout(then),
    nextFrame: (then) => requestAnimationFrame(then),
    later: (then) => setTimeout(then, HIDDEN_FLUSH_MS),
  });
  const happen = (happening: Happening) => {
    const before = state;
    const [next, effect] = nextLink(state, happening, Date.now(), Math.random());
    state = next;
    if (effect !== null) source?.close();
    if (effect === "close") source = null;
    if (effect === "open") source = connect();
    if (next.link !== before.link || next.heardAt !== before.heardAt) onLink(next.link, next.heardAt);
  };
  const end = (reason: LinkEnd) => happen({ kind: "reset", reason });

  const connect = (): EventSource => {
    const opened = new EventSource(`${url}?${cursors.query()}`);
    const on = (name: string, take: (data: never) => void) =>
      opened.addEventListener(name, (event: MessageEvent<string>) => {
        // Events of a stream that was replaced may still be in the queue.
        if (opened === source) take(JSON.parse(event.data) as never);
      });
    const follow = (taken: Taken) => {
      if (taken === "taken") scheduleFlush();
      else if (taken === "gap") happen({ kind: "failed" });
      else if (taken === "reset") end("epoch");
    };
    on("hello", ({ topic, hb, schemaId, since }: Hello) => {
      const known = topics.find((start) => start.topic === topic)?.schemaId;
      if (known !== undefined && known !== schemaId) return end("schema");
      happen({ kind: "greeted", heartbeatMs: hb * 1_000 });
      onPreview?.(topic, null);
      follow(cursors.greet(topic, since));
    });
    on("delta", (delta: ViewDelta & { topic: string }) => {
      // What is shown comes before the news that something was heard, which has the age line rendered.
      follow(cursors.take(delta.topic, delta));
      happen({ kind: "heard" });
    });
    on("preview", ({ topic, up, del }: PreviewFrame & { topic: string }) => {
      cursors.flush(onDelta);
      onPreview?.(topic, { up, del });
      happen({ kind: "heard" });
    });
    on("hb", ({ topic, head }: { topic: string; head: Position }) => {
      cursors.bookmark(topic, head);
      happen({ kind: "heard" });
    });
    on("note", (note: NoteFrame) => {
      happen({ kind: "heard" });
      onNote?.(note);
    });
    on("schema", () => end("schema"));
    on("reset", ({ reason }: { reason: LinkEnd }) => end(reason));
    // Whoever may follow nothing any more need not come back.
    on("bye", ({ reason, after }: { reason: string; after: number }) =>
      reason === "access" ? end("access") : happen({ kind: "bye", afterMs: after }),
    );
    opened.onerror = () => {
      if (opened === source) happen({ kind: "failed" });
    };
    return opened;
  };

  const onVisibility = () => happen({ kind: document.hidden ? "hidden" : "visible" });
  const onReturn = () => happen({ kind: "returned" });
  const onPageShow = (event: PageTransitionEvent) => {
    if (event.persisted) onReturn();
  };
  document.addEventListener("visibilitychange", onVisibility);
  addEventListener("online", onReturn);
  addEventListener("pageshow", onPageShow);
  const timer = setInterval(() => happen({ kind: "tick" }), TICK_MS);
  [state] = startLink(Date.now(), document.hidden);
  source = connect();
  onLink(state.link, state.heardAt);

  return {
    pause: () => happen({ kind: "pause" }),
    resume: () => happen({ kind: "resume" }),
    retarget: (next) => {
      topics = next;
      cursors.retarget(next);
      // Without a stream (paused, asleep, waiting to reconnect) the next one is for these topics.
      if (source === null) return;
      source.close();
      source = connect();
    },
    position: (topic) => cursors.position(topic),
    close: () => {
      clearInterval(timer);
      document.removeEventListener("visibilitychange", onVisibility);
      removeEventListener("online", onReturn);
      removeEventListener("pageshow", onPageShow);
      happen({ kind: "close" });
    },
  };
}
