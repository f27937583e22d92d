import { expect, test } from "vitest";
import { decodeAvroFile, encodeAvroFile } from "./avro-file";
import { CLEANER_PLAN } from "./clean-schemas";

const plan = (instant: string) => ({
  earliestInstantToRetain: { timestamp: instant, action: "commit", state: "COMPLETED" },
  lastCompletedCommitTimestamp: instant,
  policy: "KEEP_LATEST_COMMITS",
  filesToBeDeletedPerPartition: null,
  version: 2,
  filePathsToBeDeletedPerPartition: {
    "event_date=2026-11-21": [{ filePath: "/a.parquet", isBootstrapBaseFile: false }],
  },
  partitionsToBeDeleted: null,
  extraMetadata: null,
});

test("files of the same schema can be written and read one after the other", () => {
  for (const instant of ["20261121090000000", "20261121100000000"]) {
    const file = encodeAvroFile(CLEANER_PLAN, plan(instant), Buffer.alloc(16));
    expect(decodeAvroFile(file)).toMatchObject([{ lastCompletedCommitTimestamp: instant, version: 2 }]);
  }
});
