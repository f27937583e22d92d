import { expect, onTestFinished, test } from "vitest";
import { openEngine } from "./connection";

test("queries wait in a bounded queue, and one too many is told to come back (invariant 6)", async () => {
  const engine = await openEngine({ readers: 1, maxWaitingReads: 1 });
  onTestFinished(() => engine.close());
  let finish = () => {};
  const running = engine.read(() => new Promise<void>((resolve) => (finish = resolve)));
  const waiting = engine.read((connection) => connection.runAndReadAll("SELECT 1"));
  await expect(engine.read(() => Promise.resolve())).rejects.toMatchObject({ code: "engine-unavailable" });
  // Commits do not stand in that queue.
  await engine.write((connection) => connection.run("SELECT 1"));
  finish();
  await running;
  expect((await waiting).getRows()).toEqual([[1]]);
});
