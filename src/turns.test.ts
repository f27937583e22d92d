import { expect, test } from "vitest";
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

test("work that nobody waits for rests after each turn, for as long as its caller says", async () => {
  const turns: number[] = [];
  function* long(): Work<string> {
    while (turns.length < 2) yield;
    return "done";
  }
  const rest = (workedMs: number) => Promise.resolve(void turns.push(workedMs));
  expect(await inTurns(long(), rest)).toBe("done");
  expect(Math.min(...turns)).toBeGreaterThanOrEqual(10);
});
