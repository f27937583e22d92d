/** Tables that the embedded engine writes, read by Spark: the same answers. */
import { describe, vi } from "vitest";
import { lakeContract } from "../contract/lake-contract";
import { noSpark, sharedSession } from "../support/spark";
import { openReadLake } from "../support/spark-reader";

// Hundreds of queries a test, on a machine that may be busy: the bound is for what hangs, not for what is slow.
vi.setConfig({ testTimeout: 900_000, hookTimeout: 900_000 });

describe.skipIf(noSpark)("Spark beside the embedded engine", () => {
  const session = sharedSession();
  lakeContract("an embedded lake that Spark reads", (options) => openReadLake(session(), options), { isSlow: true });
});
