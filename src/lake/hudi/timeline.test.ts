import { expect, test } from "vitest";
import { baseFileName, fileIdsOf, fileIdTime, newFileId, parseBaseFile } from "./base-file";
import { actionFiles, readTimeline } from "./timeline";

const files = (...names: string[]) => names.map((name) => ({ name, modifiedAt: 1_000 }));

test("layout 1: each action in its highest state, oldest first, everything else ignored", () => {
  const timeline = readTimeline(
    files(
      "20261121090000002.inflight",
      "20261121090000002.commit.requested",
      "20261121090000001.commit.requested",
      "20261121090000001.inflight",
      "20261121090000001.commit",
      "20261121090000003.replacecommit.requested",
      "20261121090000004.clean.inflight",
      ".20261121090000001.commit.crc",
      "hoodie.properties",
      "20261321090000001.commit",
      "20261121090000001.schemacommit",
    ),
  );
  expect(timeline.map(({ instant, action, state, completedAt }) => [instant, action, state, completedAt])).toEqual([
    ["20261121090000001", "commit", "COMPLETED", 1_000],
    ["20261121090000002", "commit", "INFLIGHT", null],
    ["20261121090000003", "replacecommit", "REQUESTED", null],
    ["20261121090000004", "clean", "INFLIGHT", null],
  ]);
});

test("layout 2: completed names carry the completion time, pending clustering is a replacecommit to be", () => {
  const [first, second] = readTimeline(
    files(
      "20261121090000001_20261121090000500.commit",
      "20261121090000001.commit.requested",
      "20261121090000002.clustering.inflight",
    ),
  );
  expect(first).toMatchObject({
    instant: "20261121090000001",
    completion: "20261121090000500",
    completedAt: Date.parse("2026-11-21T09:00:00.500Z"),
    state: "COMPLETED",
  });
  expect(second).toMatchObject({ action: "replacecommit", state: "INFLIGHT", completion: null });
});

test("instants of seconds count as the end of their second", () => {
  expect(readTimeline(files("20200101000000.commit"))[0]!.instant).toBe("20200101000000999");
});

test("a commit in flight is named without its action, other actions with it", () => {
  expect(actionFiles("20261121090000001", "commit").inflight).toBe("20261121090000001.inflight");
  expect(actionFiles("20261121090000001", "clean").inflight).toBe("20261121090000001.clean.inflight");
});

test("a base file's name tells group and instant; anything else is none", () => {
  const instant = "20261121090000001";
  const fileId = newFileId(instant, new Uint8Array(10));
  expect(fileId).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7000-8000-000000000000-0$/);
  expect(fileIdTime(fileId)).toBe(Date.parse("2026-11-21T09:00:00.001Z"));
  expect(parseBaseFile(baseFileName(fileId, instant))).toEqual({ fileId, instant });
  expect(fileIdTime("d398fae1-c0e6-4098-8124-f55f7098bdba-0")).toBeNull();
  for (const name of [
    `.${fileId}_${instant}.log.1_0-0-0`,
    `${fileId}_0-0-0_${instant}.parquet.crc`,
    "part-0000.parquet",
  ]) {
    expect(parseBaseFile(name)).toBeNull();
  }
});

test("groups that one instant makes are ordered by their names", () => {
  const next = fileIdsOf("20261121090000001");
  const fileIds = Array.from({ length: 300 }, () => next());
  expect([...fileIds].sort()).toEqual(fileIds);
  expect(new Set(fileIds.map(fileIdTime))).toEqual(new Set([Date.parse("2026-11-21T09:00:00.001Z")]));
});
