import { utimes } from "node:fs/promises";
import { expect, test } from "vitest";
import { temporaryStorage } from "../../../tests/support/lake";
import type { Storage } from "../storage/storage";
import { parseCommitMetadata } from "./commit-metadata";
import { newFileId } from "./base-file";
import { formatProperties } from "./java-properties";
import { rollBackPending } from "./rollback";
import { HudiTable } from "./table";
import { propertiesPath, updateProperties } from "./table-properties";
import { Transaction, type Placement } from "./transaction";

const FIRST = "20261121090000001";
const SECOND = "20261121090000002";
const PARTITION = "event_date=2026-11-21";
const NOW = Date.parse("2026-11-21T09:00:01Z");

async function emptyTable(): Promise<{ storage: Storage; table: HudiTable }> {
  const storage = await temporaryStorage();
  const table = await HudiTable.create(storage, "lake/orders", {
    name: "orders",
    recordKeyField: "eventId",
    partitionField: "event_date",
    orderingField: "lastUpdatedAt",
    createSchema: "{}",
    weirTableId: "id",
    buckets: null,
  });
  return { storage, table };
}

/** Bytes stand for a Parquet file: nothing here looks inside. */
async function put(storage: Storage, transaction: Transaction, placement: Placement): Promise<void> {
  await storage.write(placement.temporary, Buffer.from("rows"));
  const counts = { rows: 3, inserts: 2, updates: 1, deletes: 0, bytes: 4, minEventTime: 1, maxEventTime: 2 };
  await transaction.publish(placement, counts);
}

async function commitOne(storage: Storage, table: HudiTable, instant: string, fileId: string): Promise<void> {
  const transaction = await Transaction.begin(table, instant, "UPSERT");
  await put(storage, transaction, await transaction.place(PARTITION, fileId, table.newestSlice(PARTITION, fileId)));
  await transaction.complete(new Map([["schema", "{}"]]), NOW);
  await transaction.tidy();
}

const names = async (storage: Storage, folder: string) => (await storage.list(folder)).map(({ name }) => name).sort();

test("a commit leaves the files that Hudi expects, and no markers", async () => {
  const { storage, table } = await emptyTable();
  const fileId = newFileId(FIRST);
  await commitOne(storage, table, FIRST, fileId);
  await commitOne(storage, table, SECOND, fileId);
  expect(await names(storage, "lake/orders/.hoodie")).toEqual(
    [
      ".aux",
      ".schema",
      ".temp",
      `${FIRST}.commit`,
      `${FIRST}.commit.requested`,
      `${FIRST}.inflight`,
      `${SECOND}.commit`,
      `${SECOND}.commit.requested`,
      `${SECOND}.inflight`,
      "archived",
      "hoodie.properties",
    ].sort(),
  );
  expect(await names(storage, "lake/orders/.hoodie/.temp")).toEqual([]);
  expect(Buffer.from(await storage.read(`lake/orders/${PARTITION}/.hoodie_partition_metadata`)).toString()).toBe(
    `#partition metadata\ncommitTime=${FIRST}\npartitionDepth=1\n`,
  );
  const commit = parseCommitMetadata(await storage.read(`lake/orders/.hoodie/${SECOND}.commit`));
  expect(commit.writeStats).toEqual([
    {
      fileId,
      path: `${PARTITION}/${fileId}_0-0-0_${SECOND}.parquet`,
      partitionPath: PARTITION,
      prevCommit: FIRST,
      numWrites: 3,
      numInserts: 2,
      numUpdateWrites: 1,
      numDeletes: 0,
      fileSizeInBytes: 4,
      minEventTime: 1,
      maxEventTime: 2,
    },
  ]);
  expect(commit.operationType).toBe("UPSERT");
});

test("markers name each file before it is there, so that another engine can undo the commit", async () => {
  const { storage, table } = await emptyTable();
  const transaction = await Transaction.begin(table, FIRST, "UPSERT");
  const fileId = newFileId(FIRST);
  await transaction.place(PARTITION, fileId, null);
  expect(await names(storage, `lake/orders/.hoodie/.temp/${FIRST}/${PARTITION}`)).toEqual([
    `${fileId}_0-0-0_${FIRST}.parquet.marker.CREATE`,
  ]);
});

test("a pending commit is rolled back whole: files, markers and timeline", async () => {
  const { storage, table } = await emptyTable();
  await commitOne(storage, table, FIRST, newFileId(FIRST));
  const transaction = await Transaction.begin(table, SECOND, "UPSERT");
  await put(storage, transaction, await transaction.place(PARTITION, newFileId(SECOND), null));
  await storage.removeFolder(`lake/orders/.hoodie/.temp/${SECOND}`); // lost markers: the name alone is enough
  await table.refresh();
  expect(await rollBackPending(table, NOW)).toEqual([SECOND]);
  expect((await names(storage, `lake/orders/${PARTITION}`)).filter((name) => name.includes(SECOND))).toEqual([]);
  expect((await names(storage, "lake/orders/.hoodie")).filter((name) => name.includes(SECOND))).toEqual([]);
  expect(table.head).toBe(FIRST);
});

test("a pending commit of a writer whose heart beats is left alone", async () => {
  const { storage, table } = await emptyTable();
  await storage.write(`lake/orders/.hoodie/${FIRST}.commit.requested`, Buffer.alloc(0));
  await storage.write(`lake/orders/.hoodie/${FIRST}.inflight`, Buffer.alloc(0));
  await storage.write(`lake/orders/.hoodie/.heartbeat/${FIRST}`, Buffer.alloc(0));
  await table.refresh();
  const { modifiedAt } = (await storage.stat(`lake/orders/.hoodie/.heartbeat/${FIRST}`))!;
  expect(await rollBackPending(table, modifiedAt + 60_000)).toEqual([]);
  expect(await rollBackPending(table, modifiedAt + 121_000)).toEqual([FIRST]);
});

test("a heart that beats for a commit that was requested long ago, and never begun, does not keep it", async () => {
  const { storage, table } = await emptyTable();
  await storage.write(`lake/orders/.hoodie/${FIRST}.commit.requested`, Buffer.alloc(0));
  await table.refresh();
  const { modifiedAt } = (await storage.stat(`lake/orders/.hoodie/${FIRST}.commit.requested`))!;
  const heartbeat = `lake/orders/.hoodie/.heartbeat/${FIRST}`;
  await storage.write(heartbeat, Buffer.alloc(0));
  await utimes(storage.locate(heartbeat), new Date(modifiedAt + 121_000), new Date(modifiedAt + 121_000));
  expect(await rollBackPending(table, modifiedAt + 60_000)).toEqual([]);
  expect(await rollBackPending(table, modifiedAt + 121_000)).toEqual([FIRST]);
});

test("a table that was upgraded during a commit is not committed to", async () => {
  const { storage, table } = await emptyTable();
  const transaction = await Transaction.begin(table, FIRST, "UPSERT");
  const upgraded = new Map([
    ...table.properties.raw,
    ["hoodie.table.version", "9"],
    ["hoodie.timeline.layout.version", "2"],
  ]);
  await storage.write(propertiesPath("lake/orders"), formatProperties(upgraded, []));
  await expect(transaction.complete(new Map(), NOW)).rejects.toMatchObject({
    code: "read-only",
    message:
      "The table orders is only read, because its version is 9 and Weir writes version 6 (another engine may have upgraded it).",
  });
  expect(await storage.stat(`lake/orders/.hoodie/${FIRST}.commit`)).toBeNull();
});

test("a commit that another engine rolled back is not completed", async () => {
  const { storage, table } = await emptyTable();
  const transaction = await Transaction.begin(table, FIRST, "UPSERT");
  await storage.remove(`lake/orders/.hoodie/${FIRST}.inflight`);
  await expect(transaction.complete(new Map(), NOW)).rejects.toThrow("Another engine rolled back commit");
});

test("a metadata table of another engine, which would hide our files, is gone before the commit is there", async () => {
  const { storage, table } = await emptyTable();
  await updateProperties(storage, "lake/orders", new Map([["hoodie.table.metadata.partitions", "column_stats,files"]]));
  await storage.write("lake/orders/.hoodie/metadata/files/x", Buffer.from("stale"));
  await commitOne(storage, table, FIRST, newFileId(FIRST));
  await table.refresh();
  expect(table.properties.raw.get("hoodie.table.metadata.partitions")).toBe("");
  expect(await storage.list("lake/orders/.hoodie/metadata")).toEqual([]);
  expect(table.head).toBe(FIRST);
});
