import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { localStorage } from "../storage/local";
import { assertLayout, refuseBuckets } from "./layout";
import { HudiTable, PARTITION_METADATA } from "./table";

const COMMIT = "20261121090000000";
const IN_BUCKET = (bucket: number) => `${String(bucket).padStart(8, "0")}-7e1a-4f3b-9c55-1d2e3f4a5b6c-0`;
const BY_ARRIVAL = "019aa5a1-0000-7000-8000-000000000000-0";

describe("the layout of a table", () => {
  let folder: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "weir-layout-"));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  const table = async (buckets: number | null, ...groups: string[]): Promise<HudiTable> => {
    const storage = localStorage(folder);
    await HudiTable.create(storage, "t", {
      name: "t",
      recordKeyField: "id",
      partitionField: "event_date",
      orderingField: "at",
      createSchema: "{}",
      weirTableId: "1",
      buckets,
    });
    if (groups.length > 0) await storage.write(`t/.hoodie/${COMMIT}.commit`, Buffer.from("{}"));
    await storage.write(`t/event_date=2026-11-21/${PARTITION_METADATA}`, Buffer.from(""));
    for (const group of groups) {
      await storage.write(`t/event_date=2026-11-21/${group}_0-1-2_${COMMIT}.parquet`, Buffer.from("x"));
    }
    return (await HudiTable.open(storage, "t"))!;
  };

  it.each<[string, number | null, string[], number | null]>([
    ["a table that keeps its count", 4, [IN_BUCKET(3)], 4],
    ["a table of another writer, by the names of its groups", null, [IN_BUCKET(0), IN_BUCKET(3)], 4],
    ["a table that follows arrival", null, [BY_ARRIVAL], null],
    ["an empty table", null, [], 4],
  ])("fits %s", async (_, stored, groups, declared) => {
    assertLayout(await table(stored, ...groups), declared);
  });

  it.each<[string, number | null, string[], number | null, RegExp]>([
    ["another count", 4, [], 8, /t is cut into 4 buckets, and its feed declares 8 buckets.*"buckets": 4/],
    ["no buckets any more", 4, [], null, /cut into 4 buckets, and its feed declares layout log/],
    ["no buckets in a table of another writer", null, [IN_BUCKET(1)], null, /cut into buckets.*the job that began it/],
    ["buckets in a table that follows arrival", null, [BY_ARRIVAL], 4, /not cut into buckets.*"layout": "log"/],
    ["fewer buckets than there are", null, [IN_BUCKET(7)], 4, /at least 8 buckets/],
  ])("is refused for %s, with the cure", async (_, stored, groups, declared, words) => {
    const begun = await table(stored, ...groups);
    expect(() => assertLayout(begun, declared)).toThrow(words);
  });

  it("in buckets is not written by the embedded engine", async () => {
    const begun = await table(4, IN_BUCKET(0));
    expect(() => refuseBuckets(begun, 4)).toThrow(/reads the table t.*does not write it. Set WEIR_ENGINE=spark/);
  });
});
