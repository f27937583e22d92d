import { describe, expect, it } from "vitest";
import { nextLink, startLink, type Effect, type Happening, type LinkState } from "./connection";

const HALF = 0.5;

/** Plays happenings at times (seconds) on a link that was begun at 0 and greeted at once. */
function play(...steps: readonly (readonly [second: number, happening: Happening | Happening["kind"]])[]) {
  let [state]: [LinkState, Effect] = startLink(0, false);
  let effect: Effect = null;
  const all = [[0, { kind: "greeted", heartbeatMs: 15_000 }] as const, ...steps];
  for (const [second, given] of all) {
    const happening = typeof given === "string" ? ({ kind: given } as Happening) : given;
    [state, effect] = nextLink(state, happening, second * 1_000, HALF);
  }
  return { link: state.link, effect, state };
}

describe("the link of a page", () => {
  it("begins by opening, and is live once greeted (rule 27)", () => {
    const [state, effect] = startLink(0, false);
    expect([state.link.kind, effect]).toEqual(["connecting", "open"]);
    expect(play().link).toEqual({ kind: "live" });
  });

  it("waits with full jitter after a failure, longer each time, at most 30 s (rule 29)", () => {
    const waits: number[] = [];
    let [state] = startLink(0, false);
    let now = 0;
    for (let i = 0; i < 7; i++) {
      [state] = nextLink(state, { kind: "failed" }, now, HALF);
      if (state.link.kind !== "reconnecting") throw new Error(state.link.kind);
      waits.push(state.link.retryAt - now);
      now = state.link.retryAt;
      [state] = nextLink(state, { kind: "tick" }, now, HALF);
      expect(state.link.kind).toBe("connecting");
    }
    expect(waits).toEqual([500, 1_000, 2_000, 4_000, 8_000, 15_000, 15_000]);
  });

  it("forgets earlier failures once a stream has lived for a minute (rule 29)", () => {
    const greeted = { kind: "greeted", heartbeatMs: 15_000 } as const;
    const short = play([1, "failed"], [2, "tick"], [3, greeted], [4, "failed"]);
    expect(short.link).toEqual({ kind: "reconnecting", retryAt: 5_000 });
    const long = play([1, "failed"], [2, "tick"], [3, greeted], [64, "failed"]);
    expect(long.link).toEqual({ kind: "reconnecting", retryAt: 64_500 });
  });

  it("takes silence of two and a half heartbeats for a broken connection (rule 30)", () => {
    expect(play([37, "tick"]).link.kind).toBe("live");
    expect(play([38, "tick"])).toMatchObject({ link: { kind: "reconnecting" }, effect: "close" });
    expect(play([30, "heard"], [60, "tick"]).link.kind).toBe("live");
  });

  it("comes back when the server said it should (rule 31)", () => {
    expect(play([5, { kind: "bye", afterMs: 700 }])).toMatchObject({
      link: { kind: "reconnecting", retryAt: 5_700 },
      effect: "close",
    });
  });

  it("ends with a reset, and nothing opens it again (rule 32)", () => {
    const reset = { kind: "reset", reason: "expired" } as const;
    expect(play([5, reset])).toMatchObject({ link: { kind: "ended", reason: "expired" }, effect: "close" });
    expect(play([5, reset], [6, "returned"])).toMatchObject({ link: { kind: "ended" }, effect: null });
  });

  it("sleeps when nobody has looked for a minute, and wakes when somebody does (rule 33)", () => {
    expect(play([5, "hidden"], [10, "heard"], [30, "tick"]).link.kind).toBe("live");
    expect(play([5, "hidden"], [66, "tick"])).toMatchObject({ link: { kind: "asleep" }, effect: "close" });
    expect(play([5, "hidden"], [66, "tick"], [90, "returned"])).toMatchObject({
      link: { kind: "asleep" },
      effect: null,
    });
    expect(play([5, "hidden"], [66, "tick"], [90, "visible"])).toMatchObject({
      link: { kind: "connecting" },
      effect: "open",
    });
  });

  it("does not trust a stream that was quiet while nobody looked (rule 34)", () => {
    expect(play([5, "hidden"], [10, "visible"])).toMatchObject({ link: { kind: "live" }, effect: null });
    expect(play([5, "hidden"], [25, "visible"])).toMatchObject({ link: { kind: "connecting" }, effect: "open" });
    expect(play([5, "returned"])).toMatchObject({ link: { kind: "connecting" }, effect: "open" });
  });

  it("stays paused whatever happens, until it is resumed (rule 35)", () => {
    expect(play([5, "pause"]).effect).toBe("close");
    for (const kind of ["tick", "visible", "returned", "failed"] as const) {
      expect(play([5, "pause"], [500, kind])).toMatchObject({ link: { kind: "paused" }, effect: null });
    }
    expect(play([5, "pause"], [500, "resume"])).toMatchObject({ link: { kind: "connecting" }, effect: "open" });
  });
});
