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

test("a query that takes too long is ended with the reason, and the next one is served (invariant 6)", async () => {
  const engine = await openEngine({ readers: 1, readLimitMs: 300 });
  onTestFinished(() => engine.close());
  const endless = engine.read((connection) =>
    connection.run("SELECT count(*) FROM range(1e7::BIGINT) a, range(1e7::BIGINT) b"),
  );
  await expect(endless).rejects.toMatchObject({
    code: "engine-unavailable",
    message: expect.stringContaining("0.3 s") as string,
    details: { retryAfterMs: 5_000 },
  });
  expect((await engine.read((connection) => connection.runAndReadAll("SELECT 1"))).getRows()).toEqual([[1]]);
});

test("the time of a query that never got a connection is over too, and it leaves the queue (invariant 6)", async () => {
  const engine = await openEngine({ readers: 1, maxWaitingReads: 1, readLimitMs: 100 });
  onTestFinished(() => engine.close());
  let finish = () => {};
  const running = engine.read(() => new Promise<void>((resolve) => (finish = resolve)));
  const waiting = engine.read(() => Promise.reject(new Error("was not to run")));
  await expect(waiting).rejects.toMatchObject({ code: "engine-unavailable" });
  // What follows the tables does not stand in that queue.
  expect((await engine.follow((connection) => connection.runAndReadAll("SELECT 2"))).getRows()).toEqual([[2]]);
  finish();
  await running;
  expect((await engine.read((connection) => connection.runAndReadAll("SELECT 3"))).getRows()).toEqual([[3]]);
});
