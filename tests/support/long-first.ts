/**
 * The order of test files: those that take longest first, so that none of them is left to one worker while the other is idle.
 * Vitest alone goes by what it remembers of the last run, and in a fresh checkout by the size of the file.
 */
import { BaseSequencer, type TestSpecification } from "vitest/node";

/** As measured on two cores, longest first; half a minute and more. */
export const LONG = [
  "spark/adopted.test.ts",
  "spark/engines-agree.test.ts",
  "spark/crash.test.ts",
  "spark/reader-contract.test.ts",
  "spark/hours.test.ts",
  "spark/write-permit.test.ts",
  "spark/spark-at-home.test.ts",
  "contract/embedded-lake.test.ts",
  "control/injection.test.ts",
  "integration/two-servers.test.ts",
  "integration/ingest.test.ts",
  "control/accounts.test.ts",
  "integration/crash.test.ts",
  "lake/duckdb/writer-crash.test.ts",
  "integration/weir-publish.test.ts",
  "integration/live-model.test.ts",
  "integration/pubsub-load.test.ts",
  "control/migrations.test.ts",
  "lake/duckdb/clean.test.ts",
  "e2e/accessibility.e2e.ts",
  "e2e/incident-story.e2e.ts",
  "e2e/settings.e2e.ts",
  "e2e/decided.e2e.ts",
  "e2e/hostile-text.e2e.ts",
  "e2e/dashboards.e2e.ts",
];

export class LongFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification) => {
      const known = LONG.findIndex((end) => moduleId.endsWith(`/${end}`));
      return known === -1 ? LONG.length : known;
    };
    return (await super.sort(files)).sort((a, b) => rank(a) - rank(b));
  }
}
