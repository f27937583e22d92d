/**
 * Two processes at one commit: one that was stopped in the middle of it and goes on, and one that has taken its lease and rolls
 * back what is pending. Each is held before every call that it makes to the storage while the other does all of its work.
 */
import { expect, test } from "vitest";
import { faultyStorage } from "../../../tests/support/faulty-storage";
import { temporaryFolder } from "../../../tests/support/temporary-folder";
import { localStorage } from "../storage/local";
import type { Storage } from "../storage/storage";
import { parseCommitMetadata } from "./commit-metadata";
import { newFileId } from "./base-file";
import { newestFence, refuseFenced } from "./fence";
import { rollBackPending } from "./rollback";
import { HudiTable } from "./table";
import { Transaction } from "./transaction";

const INSTANT = "20261121090000000";
const PARTITION = "event_date=2026-11-21";
const FOLDER = "lake/orders";
const NOW = Date.parse("2026-11-21T09:00:01Z");

const term = (fence: number) => ({ fence, assertHeld: () => undefined });

async function openTable(storage: Storage, fence: number): Promise<HudiTable> {
  const table = await HudiTable.create(storage, FOLDER, {
    name: "orders",
    recordKeyField: "eventId",
    partitionField: "event_date",
    orderingField: "lastUpdatedAt",
    createSchema: "{}",
    weirTableId: "id",
    buckets: null,
  });
  table.openTerm = () => term(fence);
  return table;
}

/** A commit that has one file and is about to be completed. */
async function almostDone(table: HudiTable): Promise<Transaction> {
  const transaction = await Transaction.begin(table, INSTANT, "UPSERT");
  const placement = await transaction.place(PARTITION, newFileId(INSTANT), null);
  await table.storage.write(placement.temporary, Buffer.from("rows"));
  const counts = { rows: 1, inserts: 1, updates: 0, deletes: 0, bytes: 4, minEventTime: 1, maxEventTime: 2 };
  await transaction.publish(placement, counts);
  return transaction;
}

/** A commit is there with all of its files, or it is not there and neither are they. */
async function expectWhole(storage: Storage): Promise<"completed" | "gone"> {
  const timeline = (await storage.list(`${FOLDER}/.hoodie`)).map(({ name }) => name);
  const files = (await storage.list(`${FOLDER}/${PARTITION}`)).map(({ name }) => name);
  const data = files.filter((name) => name.endsWith(".parquet"));
  if (!timeline.includes(`${INSTANT}.commit`)) {
    expect([data, timeline.filter((name) => name.startsWith(INSTANT))]).toEqual([[], []]);
    return "gone";
  }
  const { writeStats, extra } = parseCommitMetadata(await storage.read(`${FOLDER}/.hoodie/${INSTANT}.commit`));
  expect(extra.get("weir_fence")).toBe("1");
  expect(data).toEqual(writeStats.map(({ path }) => path.slice(PARTITION.length + 1)));
  return "completed";
}

/** Calls that `work` makes on a storage of its own, and with `meanwhile` done before the n-th of them. */
async function interrupted(plain: Storage, n: number, meanwhile: () => Promise<unknown>) {
  const storage = faultyStorage(plain);
  let calls = 0;
  storage.before(async () => {
    if (++calls === n) await meanwhile();
  });
  return { storage, calls: () => calls };
}

test("a writer that wakes at any moment of completing a commit that another rolls back leaves it whole or gone (invariants 1 and 3)", async () => {
  const ends = new Set<string>();
  for (let n = 1; ; n++) {
    const plain = localStorage(await temporaryFolder());
    const transaction = await almostDone(await openTable(plain, 1));
    const next = await openTable(plain, 2);
    const held = await interrupted(plain, n, () => rollBackPending(next, NOW));
    const woken = Object.assign(transaction.table, { storage: held.storage });
    await transaction.complete(new Map([["schema", "{}"]]), NOW).catch(() => transaction.abandon());
    if (held.calls() < n) break; // it was done before
    ends.add(await expectWhole(plain));
    expect(woken.folder).toBe(FOLDER);
  }
  expect(ends).toContain("gone");
});

test("a rollback that is held at any moment while the writer completes the commit leaves it whole or gone (invariants 1 and 3)", async () => {
  const ends = new Set<string>();
  for (let n = 1; ; n++) {
    const plain = localStorage(await temporaryFolder());
    const transaction = await almostDone(await openTable(plain, 1));
    let outcome = "never asked";
    const held = await interrupted(plain, n, async () => {
      outcome = await transaction.complete(new Map([["schema", "{}"]]), NOW).then(
        () => "completed",
        async () => {
          await transaction.abandon();
          return "refused";
        },
      );
    });
    const next = await openTable(held.storage, 2);
    const begun = held.calls();
    const rolledBack = await rollBackPending(next, NOW);
    if (held.calls() < n) break;
    const end = await expectWhole(plain);
    ends.add(end);
    if (n > begun)
      expect([outcome, rolledBack]).toEqual(end === "completed" ? ["completed", []] : ["refused", [INSTANT]]);
  }
  expect(ends).toEqual(new Set(["completed", "gone"]));
});

test("commits carry the number of their writer's lease, and a writer with a smaller one is refused", async () => {
  const storage = localStorage(await temporaryFolder());
  const table = await openTable(storage, 7);
  const transaction = await almostDone(table);
  await transaction.complete(new Map([["schema", "{}"]]), NOW);
  const read = await HudiTable.open(storage, FOLDER);
  expect(await newestFence(read!)).toBe(7);
  expect(() => refuseFenced(7, term(7), "orders")).not.toThrow();
  expect(() => refuseFenced(7, term(6), "orders")).toThrow(
    "orders was written under lease 7, and this server holds lease 6",
  );
});

test("a commit is neither filled nor completed when the lease has ended", async () => {
  const storage = localStorage(await temporaryFolder());
  const table = await openTable(storage, 1);
  let isHeld = true;
  table.openTerm = () => ({
    fence: 1,
    assertHeld: () => {
      if (!isHeld) throw new Error("the lease has ended");
    },
  });
  const transaction = await almostDone(table);
  isHeld = false;
  await expect(transaction.complete(new Map(), NOW)).rejects.toThrow("the lease has ended");
  await expect(almostDone(table)).rejects.toThrow();
  expect(await storage.stat(`${FOLDER}/.hoodie/${INSTANT}.commit`)).toBeNull();
});
