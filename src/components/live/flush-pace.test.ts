import { describe, expect, it } from "vitest";
import { paced } from "./flush-pace";

/** Timers that run when the test says so. */
function steppedPace() {
  const queues: Record<"soon" | "frame" | "later", (() => void)[]> = { soon: [], frame: [], later: [] };
  const shown: number[] = [];
  let arrived = 0;
  let isHidden = false;
  const ask = paced(() => shown.push(arrived), {
    isHidden: () => isHidden,
    soon: (then) => queues.soon.push(then),
    nextFrame: (then) => queues.frame.push(then),
    later: (then) => queues.later.push(then),
  });
  return {
    shown,
    hide: (hidden: boolean) => (isHidden = hidden),
    arrive: () => {
      arrived++;
      ask();
    },
    run: (name: keyof typeof queues) => {
      for (const then of queues[name].splice(0)) then();
    },
    waiting: () => Object.fromEntries(Object.entries(queues).map(([name, { length }]) => [name, length])),
  };
}

describe("showing what the stream brought", () => {
  it("does not wait for an animation frame when it comes alone, and takes what came with it along", () => {
    const { arrive, run, shown } = steppedPace();
    arrive();
    arrive();
    run("soon");
    expect(shown).toEqual([2]);
    run("frame");
    arrive();
    run("soon");
    expect(shown).toEqual([2, 3]);
  });

  it("happens once per animation frame when more comes than is painted", () => {
    const { arrive, run, shown } = steppedPace();
    arrive();
    run("soon");
    for (let frame = 0; frame < 3; frame++) {
      arrive();
      run("soon");
      arrive();
      run("soon");
      expect(shown).toHaveLength(frame + 1);
      run("frame");
    }
    expect(shown).toEqual([1, 3, 5, 7]);
  });

  it("is rare while nobody looks, and ends when all is shown", () => {
    const { arrive, run, shown, hide, waiting } = steppedPace();
    hide(true);
    arrive();
    arrive();
    run("later");
    expect(shown).toEqual([2]);
    hide(false);
    arrive();
    run("soon");
    run("frame");
    expect(shown).toEqual([2, 3]);
    expect(waiting()).toEqual({ soon: 0, frame: 0, later: 0 });
  });

  it("waits for the frame that a page gets when it is seen again, and shows everything once", () => {
    const { arrive, run, shown, hide } = steppedPace();
    arrive();
    run("soon");
    arrive();
    hide(true);
    arrive();
    hide(false);
    run("frame");
    expect(shown).toEqual([1, 3]);
    run("later");
    expect(shown).toEqual([1, 3]);
  });
});
