import { setImmediate as nextTurn } from "node:timers/promises";
import { expect, test } from "vitest";
import { until } from "../tests/support/until";
import { atOnce, type Work } from "./model/work";
import { inTurns } from "./turns";

function* count(to: number): Work<number> {
  for (let i = 0; i < to; i++) yield;
  return to;
}

test("work gives its result, at once or in turns", async () => {
  expect(atOnce(count(1_000))).toBe(1_000);
  expect(await inTurns(count(1_000))).toBe(1_000);
});

test("others have their turn while long work goes on (invariant 6)", async () => {
  let othersHadTheirTurn = false;
  setImmediate(() => (othersHadTheirTurn = true));
  function* untilOthers(): Work<string> {
    while (!othersHadTheirTurn) yield;
    return "done";
  }
  expect(await inTurns(untilOthers())).toBe("done");
});

test("an error of the work is its caller's", async () => {
  function* failing(): Work<never> {
    yield;
    throw new Error("no");
  }
  await expect(inTurns(failing())).rejects.toThrow("no");
});

test("work that nobody waits for rests after each turn, and goes on when its caller says", async () => {
  let [steps, stepsAtRest] = [0, -1];
  const turns: number[] = [];
  let goOn: () => void = () => undefined;
  function* long(): Work<string> {
    for (; turns.length < 2; steps++) yield;
    return "done";
  }
  const done = inTurns(long(), (workedMs) => {
    turns.push(workedMs);
    stepsAtRest = steps;
    return new Promise((resolve) => (goOn = resolve));
  });
  for (const turn of [1, 2]) {
    await until(`turn ${turn}`, () => turns.length === turn);
    await nextTurn();
    expect(steps).toBe(stepsAtRest);
    goOn();
  }
  expect(await done).toBe("done");
  expect(Math.min(...turns)).toBeGreaterThanOrEqual(10);
});
