/**
 * Starts the Spark of the `spark` project before its first suite and ends it after the last. `WEIR_TEST_SPARK_URL` names one
 * that runs already (`node scripts/spark.mjs`), for whoever runs one suite again and again.
 */
import type { TestProject } from "vitest/node";
import { missingForSpark, startSpark } from "../../scripts/spark/start.mjs";

export default async function setup(project: TestProject): Promise<(() => Promise<void>) | void> {
  const running = process.env["WEIR_TEST_SPARK_URL"];
  if (running) {
    project.provide("sparkUrl", running);
    return;
  }
  const missing = missingForSpark();
  if (missing !== null) {
    if (process.env["CI"] === "true") throw new Error(missing);
    process.stderr.write(`The suites on Spark are skipped. ${missing}\n`);
    project.provide("sparkUrl", null);
    return;
  }
  const spark = await startSpark({ shortLived: true });
  project.provide("sparkUrl", spark.url);
  return () => spark.stop();
}
