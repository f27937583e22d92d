/**
 * The Spark Thrift Server that the suites of the `spark` project share: started once for all of them, warm. Where Java 17 or
 * Maven are missing the suites are skipped with a line that says so, except in CI, where that is a failure.
 *
 *     describe.skipIf(noSpark)("…", () => { … openSparkSession(sparkAddress()) … })
 */
import { afterAll, beforeAll, inject } from "vitest";
import type { SparkAddress } from "~/lake/spark/spark-url";
import { parseSparkUrl } from "~/lake/spark/spark-url";
import { openSparkSession, type SessionOptions, type SparkSession } from "~/lake/spark/thrift/session";

declare module "vitest" {
  interface ProvidedContext {
    /** Address of the shared server, or null where none could be started. */
    sparkUrl: string | null;
    /** Where the shared server finds `gs://`, or null. */
    sparkGoogleStorage: string | null;
  }
}

/** True where the suites are skipped: the tools are missing, and this is not CI. */
export const noSpark = inject("sparkUrl") === null;

/** The shared server. Tables of its catalog are shared too: name them after the test file. */
export function sparkUrl(): string {
  const url = inject("sparkUrl");
  if (url === null) throw new Error("No Spark was started: skip the suite with noSpark.");
  return url;
}

/** True where suites on buckets are skipped: there is no Go, or the Spark of WEIR_TEST_SPARK_URL came without WEIR_GCS_ENDPOINT. */
export const noBuckets = noSpark || inject("sparkGoogleStorage") === null;

/** The API of the buckets that the shared server reaches. */
export function sparkGoogleStorage(): string {
  const endpoint = inject("sparkGoogleStorage");
  if (endpoint === null) throw new Error("Spark was started without buckets: skip the suite with noBuckets.");
  return endpoint;
}

export const sparkAddress = (): SparkAddress => parseSparkUrl(sparkUrl());

/** A session for one test file, opened before its tests and closed after them. */
export function sharedSession(options?: SessionOptions): () => SparkSession {
  let session: SparkSession | null = null;
  beforeAll(async () => {
    session = await openSparkSession(sparkAddress(), options);
  });
  afterAll(() => session?.close());
  return () => session!;
}
