import { resolve } from "node:path";
import { expect, test } from "vitest";
import { temporaryEngine, temporaryStorage } from "../../../tests/support/lake";
import { unzip } from "../../../tests/support/zip";
import type { Engine } from "../duckdb/connection";
import { HudiTable } from "./table";
import { assertWritable } from "./table-properties";

async function openFixture(name: string): Promise<HudiTable> {
  const storage = await temporaryStorage();
  await unzip(resolve(`tests/fixtures/hudi/${name}.zip`), storage.locate("."));
  return (await HudiTable.open(storage, name))!;
}

async function read(engine: Engine, table: HudiTable, columns: string, asOf?: string): Promise<unknown[][]> {
  const paths = table.slices(asOf).map(({ path }) => `'${table.storage.locate(path)}'`);
  const sql = `SELECT ${columns} FROM read_parquet([${paths.join(", ")}], hive_partitioning = false) ORDER BY 1`;
  return (await engine.read((c) => c.runAndReadAll(sql))).getRowsJson();
}

test.each([
  ["v6_simplekeygen_nonhivestyle", 6, "20240418172802262", "20240418172804498"],
  ["v8_simplekeygen_nonhivestyle", 8, "20250713011315930", "20250713011316909"],
])(
  "a table of Spark's reads as Spark wrote it, now and as of its first commit: %s",
  async (name, version, first, head) => {
    const engine = await temporaryEngine();
    const table = await openFixture(name);
    expect(table.properties).toMatchObject({ version, recordKeyFields: ["id"], partitionFields: ["byteField"] });
    expect(table.completedWrites().map(({ instant }) => instant)).toEqual([first, head]);
    expect(table.head).toBe(head);
    const columns = "id, isActive, _hoodie_commit_time, _hoodie_partition_path";
    expect(await read(engine, table, columns)).toEqual([
      [1, false, head, "10"],
      [2, false, first, "20"],
      [3, true, first, "10"],
      [4, true, head, "30"],
    ]);
    expect(await read(engine, table, "id, isActive", first)).toEqual([
      [1, true],
      [2, false],
      [3, true],
    ]);
    const commit = await table.commitMetadata(table.completedWrites()[1]!);
    expect(
      commit.writeStats
        .map(({ partitionPath, numInserts, numUpdateWrites }) => [partitionPath, numInserts, numUpdateWrites])
        .sort(),
    ).toEqual([
      ["10", 0, 1],
      ["30", 1, 0],
    ]);
  },
);

test("groups that a replacecommit replaced are gone from then on, and there before", async () => {
  const engine = await temporaryEngine();
  const table = await openFixture("v6_simplekeygen_nonhivestyle_overwritetable");
  expect(await read(engine, table, "id, isActive")).toEqual([[4, false]]);
  expect(await read(engine, table, "id", "20240707001302376")).toEqual([[1], [2], [3], [4]]);
});

test("a version 9 table with updates, deletes, an overwritten partition and clustering reads right, and is not written", async () => {
  const engine = await temporaryEngine();
  const table = await openFixture("v9_txns_simple_nometa");
  expect(await read(engine, table, "txn_id, region, fee_amount::VARCHAR")).toEqual([
    ["TXN-001", "us", "0.00"],
    ["TXN-003", "us", "25.00"],
    ["TXN-007", "apac", "75.00"],
    ["TXN-008", "apac", "0.00"],
    ["TXN-011", "eu", "0.00"],
    ["TXN-012", "eu", "7.50"],
    ["TXN-013", "us", "0.00"],
    ["TXN-014", "us", "0.00"],
    ["TXN-015", "apac", "50.00"],
    ["TXN-016", "apac", "0.00"],
    ["TXN-017", "us", "0.00"],
    ["TXN-018", "eu", "0.00"],
  ]);
  expect(() => assertWritable(table.properties)).toThrow("version is 9");
});

test("an empty table has no head and no slices", async () => {
  const table = await openFixture("v6_empty");
  expect(table.head).toBeNull();
  expect(table.slices()).toEqual([]);
  expect(await HudiTable.open(table.storage, "elsewhere")).toBeNull();
});

test("files of a commit that is not complete are not there; files older than the timeline are (invariant 3)", async () => {
  const table = await openFixture("v6_simplekeygen_nonhivestyle");
  const { storage, folder } = table;
  await storage.remove(`${folder}/.hoodie/20240418172804498.commit`);
  await table.refresh();
  expect(table.slices().map(({ instant }) => instant)).toEqual(["20240418172802262", "20240418172802262"]);
  // The first commit archived: its files are older than every completed write and stay committed.
  await storage.write(`${folder}/.hoodie/20240418172804498.commit`, Buffer.from("{}"));
  for (const name of ["20240418172802262.commit", "20240418172802262.inflight", "20240418172802262.commit.requested"]) {
    await storage.remove(`${folder}/.hoodie/${name}`);
  }
  await table.refresh();
  expect(
    table
      .slices()
      .map(({ instant }) => instant)
      .sort(),
  ).toEqual(["20240418172802262", "20240418172804498", "20240418172804498"]);
});
