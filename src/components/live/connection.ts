/**
 * The life of a page's stream as pure transitions: what happened and when goes in, the next state and what to do comes out
 * (docs/live-protocol.md, rules 27 to 36). Reconnecting is done here and not by EventSource, which gives up on some answers,
 * repeats an outdated address, and on some systems never notices that a connection is dead.
 */
export type LinkEnd = "expired" | "epoch" | "schema" | "behind" | "bad-since" | "access" | "closed";

export type Link =
  /** Waiting for the greeting. */
  | { kind: "connecting" }
  | { kind: "live" }
  /** Will try again at `retryAt`. */
  | { kind: "reconnecting"; retryAt: number }
  /** Somebody asked for quiet. */
  | { kind: "paused" }
  /** Nobody is looking: the stream is closed until somebody does. */
  | { kind: "asleep" }
  /** Cannot be continued from here: the page has to be loaded again, unless it was closed. */
  | { kind: "ended"; reason: LinkEnd };

export interface LinkState {
  link: Link;
  /** When anything was last heard from the server (or the connection was begun), epoch ms. */
  heardAt: number;
  /** Since when the present stream has been greeted; null without one. */
  liveSince: number | null;
  /** Failures in a row. */
  attempt: number;
  hiddenSince: number | null;
  heartbeatMs: number;
}

export type Happening =
  /** The greeting, with the server's heartbeat. */
  | { kind: "greeted"; heartbeatMs: number }
  | { kind: "heard" }
  /** The connection broke, or frames were lost. */
  | { kind: "failed" }
  | { kind: "bye"; afterMs: number }
  | { kind: "reset"; reason: LinkEnd }
  /** About once a second, rarer while hidden. */
  | { kind: "tick" }
  | { kind: "hidden" }
  | { kind: "visible" }
  /** The network or the page came back (online, pageshow from the cache): what was open may be dead without saying so. */
  | { kind: "returned" }
  | { kind: "pause" }
  | { kind: "resume" }
  | { kind: "close" };

/** `open` replaces a stream that is still open. */
export type Effect = "open" | "close" | null;

export const FIRST_RETRY_MS = 1_000;
export const LONGEST_RETRY_MS = 30_000;
/** A stream that lived so long has proved that all is well: the next failure starts from the shortest wait. */
const HEALTHY_MS = 60_000;
const ASLEEP_AFTER_MS = 60_000;
const STALE_HEARTBEATS = 2.5;

export function startLink(now: number, isHidden: boolean): [LinkState, Effect] {
  const state: LinkState = {
    link: { kind: "connecting" },
    heardAt: now,
    liveSince: null,
    attempt: 0,
    hiddenSince: isHidden ? now : null,
    heartbeatMs: 15_000,
  };
  return [state, "open"];
}

/** @param random uniform in [0, 1), for spreading reconnects */
export function nextLink(state: LinkState, happening: Happening, now: number, random: number): [LinkState, Effect] {
  if (state.link.kind === "ended") return [state, null];
  switch (happening.kind) {
    case "greeted":
      return isOpen(state) ? [greeted(state, happening.heartbeatMs, now), null] : [state, null];
    case "heard":
      return [{ ...state, heardAt: now }, null];
    case "failed":
      return isOpen(state) ? retry(state, now, random) : [state, null];
    case "bye":
      return isOpen(state) ? wait(state, now + happening.afterMs) : [state, null];
    case "reset":
      return [ended(state, happening.reason), "close"];
    case "tick":
      return tick(state, now, random);
    case "hidden":
      return [{ ...state, hiddenSince: state.hiddenSince ?? now }, null];
    case "visible":
      return seen({ ...state, hiddenSince: null }, now);
    case "returned":
      return state.link.kind === "paused" || state.link.kind === "asleep" ? [state, null] : open(state, now);
    case "pause":
      return [{ ...state, link: { kind: "paused" }, liveSince: null }, "close"];
    case "resume":
      return state.link.kind === "paused" ? open(state, now) : [state, null];
    case "close":
      return [ended(state, "closed"), "close"];
  }
}

const isOpen = ({ link }: LinkState): boolean => link.kind === "connecting" || link.kind === "live";

const open = (state: LinkState, now: number): [LinkState, Effect] => [
  { ...state, link: { kind: "connecting" }, heardAt: now, liveSince: null },
  "open",
];

const greeted = (state: LinkState, heartbeatMs: number, now: number): LinkState => ({
  ...state,
  link: { kind: "live" },
  heardAt: now,
  liveSince: now,
  heartbeatMs,
});

const ended = (state: LinkState, reason: LinkEnd): LinkState => ({
  ...state,
  link: { kind: "ended", reason },
  liveSince: null,
});

const wait = (state: LinkState, retryAt: number): [LinkState, Effect] => [
  { ...state, link: { kind: "reconnecting", retryAt }, liveSince: null },
  "close",
];

/** Full jitter: anything between nothing and a bound that doubles with each failure. */
function retry(state: LinkState, now: number, random: number): [LinkState, Effect] {
  const wasHealthy = state.liveSince !== null && now - state.liveSince >= HEALTHY_MS;
  const attempt = wasHealthy ? 0 : state.attempt;
  const bound = Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** attempt);
  return wait({ ...state, attempt: Math.min(attempt + 1, 10) }, now + Math.round(bound * random));
}

function tick(state: LinkState, now: number, random: number): [LinkState, Effect] {
  const { link, hiddenSince } = state;
  if (link.kind === "paused" || link.kind === "asleep") return [state, null];
  if (hiddenSince !== null && now - hiddenSince >= ASLEEP_AFTER_MS) {
    return [{ ...state, link: { kind: "asleep" }, liveSince: null }, "close"];
  }
  if (link.kind === "reconnecting") return now >= link.retryAt ? open(state, now) : [state, null];
  if (now - state.heardAt > STALE_HEARTBEATS * state.heartbeatMs) return retry(state, now, random);
  return [state, null];
}

/** Somebody looks again. A stream that was quiet for more than a heartbeat while timers slept is not trusted. */
function seen(state: LinkState, now: number): [LinkState, Effect] {
  if (state.link.kind === "paused") return [state, null];
  const isFresh = isOpen(state) && now - state.heardAt <= 1.2 * state.heartbeatMs;
  return isFresh ? [state, null] : open(state, now);
}
