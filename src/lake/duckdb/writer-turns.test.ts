/**
 * Two processes that take turns at one feed's tables: the one that writes is stopped (a machine that sleeps, a debugger, a pause
 * of the collector) until its lease has ended and the other has written, and then goes on where it was.
 */
import { cp, utimes } from "node:fs/promises";
import { expect, test } from "vitest";
import { faultyStorage } from "../../../tests/support/faulty-storage";
import {
  openTestLake,
  pipelineEvents,
  rowOf,
  stagedFile,
  steppedClock,
  T0,
  tableRows,
  temporaryEngine,
  temporaryStorage,
  type TestLake,
} from "../../../tests/support/lake";
import { forSomeCalls } from "../../../tests/support/some-calls";
import type { Feed } from "../../model/feed";
import type { Row } from "../../model/value";
import { parseBaseFile } from "../hudi/base-file";
import { HudiTable } from "../hudi/table";
import type { WriteTerm } from "../writer";

const event = (feed: Feed, id: string, status: string): Row =>
  rowOf(feed, {
    eventId: id,
    correlationId: "batch-1",
    pipelineName: "orders",
    stageName: "load",
    status,
    eventTimestamp: T0,
    lastUpdatedAt: T0,
  });

/** A lease that ends when the test says so. */
function lease(fence: number): { open: () => WriteTerm; end: () => void } {
  let isHeld = true;
  const assertHeld = () => {
    if (!isHeld) throw new Error(`lease ${fence} has ended`);
  };
  return { open: () => ({ fence, assertHeld }), end: () => (isHeld = false) };
}

/** Everything on the disk belongs to a commit that is complete, and every row is there once. */
async function expectInOrder({ engine, storage, main, log }: TestLake): Promise<void> {
  for (const { folder } of [main, log!]) {
    const table = (await HudiTable.open(storage, folder))!;
    expect(table.instants.filter(({ state }) => state !== "COMPLETED")).toEqual([]);
    const known = new Set(table.allSlices().map(({ path }) => path));
    for (const partition of table.partitions)
      for (const { name } of await storage.list(`${folder}/${partition}`))
        if (parseBaseFile(name)) expect(known).toContain(`${folder}/${partition}/${name}`);
    expect((await tableRows(engine, table)).map((row) => row["eventId"]).sort()).toEqual(["a", "b", "c"]);
  }
}

test("a writer that is stopped before any call of a commit and wakes behind the next one leaves nothing that this does not put in order (invariants 1, 2 and 3)", async () => {
  const feed = await pipelineEvents();
  const engine = await temporaryEngine();
  const base = await temporaryStorage();
  const first = await openTestLake({ feed, engine, storage: base });
  await first.writer.commit([stagedFile("file-1", [event(feed, "a", "STARTED")])]);
  const taken = stagedFile("file-2", [event(feed, "b", "STARTED")]);
  await forSomeCalls(async (n) => {
    const storage = await temporaryStorage();
    await cp(base.locate("lake"), storage.locate("lake"), { recursive: true });
    const held = faultyStorage(storage);
    const old = lease(1);
    const clock = steppedClock(T0 + 60_000);
    const stopped = await openTestLake({ feed, engine, storage: held, clock, openTerm: old.open });
    let next: TestLake | null = null;
    const takeOver = async () => {
      old.end();
      next = await openTestLake({ feed, engine, storage, clock: steppedClock(T0 + 120_000), openTerm: lease(2).open });
      await next.writer.commit([taken]);
    };
    let calls = 0;
    let stop: Promise<void> | undefined;
    held.before(() => {
      if (++calls === n) stop = takeOver();
      return stop;
    });
    await stopped.writer.commit([taken]).catch((error: unknown) => expect(String(error)).toMatch(/ended|took over/));
    if (calls < n) return false;
    await next!.writer.maintain();
    await next!.writer.commit([stagedFile("file-3", [event(feed, "c", "STARTED")])]);
    await expectInOrder(next!);
    return true;
  });
});

test("a commit that Spark may still be at work on is waited for: it has the same files, and would have them twice (invariants 1, 2)", async () => {
  const feed = await pipelineEvents();
  const storage = await temporaryStorage();
  const { writer, log } = await openTestLake({ feed, engine: await temporaryEngine(), storage });
  const files = [stagedFile("file-1", [event(feed, "a", "STARTED")])];
  const hoodie = `${log!.folder}/.hoodie`;
  const instant = "20261121090000123";
  const heartbeat = `${hoodie}/.heartbeat/${instant}`;
  for (const name of [`${instant}.commit.requested`, `${instant}.inflight`]) await storage.write(`${hoodie}/${name}`, new Uint8Array()); // prettier-ignore
  await storage.write(heartbeat, new Uint8Array());
  for (const call of [() => writer.recover(), () => writer.commit(files)]) {
    await expect(call()).rejects.toMatchObject({
      code: "engine-unavailable",
      message: expect.stringContaining(instant),
    });
  }
  expect((await HudiTable.open(storage, log!.folder))!.completedWrites()).toEqual([]);
  const longAgo = new Date(Date.now() - 121_000);
  await utimes(storage.locate(heartbeat), longAgo, longAgo);
  expect(await writer.recover()).toMatchObject({ rolledBack: [instant] });
  expect(await writer.commit(files)).toMatchObject({ versions: 1 });
});
