/** Tests have their own config: qwikVite() for components, no qwikCity() (it would look for routes in every project). */
import { fileURLToPath } from "node:url";
import { qwikVite } from "@builder.io/qwik/optimizer";
import { defineConfig } from "vitest/config";

const alias = { "~": fileURLToPath(new URL("./src", import.meta.url)) };
const project = (name: string, include: string[], more: object = {}) => ({
  plugins: [qwikVite()],
  resolve: { alias },
  test: { name, include, environment: "node" as const, setupFiles: ["tests/support/no-console-errors.ts"], ...more },
});

export default defineConfig({
  test: {
    // Unless told, a machine with two cores would use one of them.
    maxWorkers: "100%",
    minWorkers: 1,
    // The embedded database as it is compiled first: to compile it a second time for speed costs more than all that suites ask it.
    poolOptions: { forks: { execArgv: ["--liftoff-only"] } },
    projects: [
      // Property tests and many small durable commits beside another lane: the bound is for what hangs, not for what is slow.
      project("unit", ["src/**/*.test.{ts,tsx}", "scripts/**/*.test.mjs"], {
        testTimeout: 120_000,
        hookTimeout: 60_000,
      }),
      project("contract", ["tests/contract/**/*.test.ts"], { testTimeout: 120_000, hookTimeout: 60_000 }),
      project("control", ["tests/control/**/*.test.ts"], {
        testTimeout: 60_000,
        hookTimeout: 60_000,
        globalSetup: ["tests/support/control-setup.ts"],
      }),
      project("integration", ["tests/integration/**/*.test.ts"], {
        testTimeout: 120_000,
        hookTimeout: 120_000,
        globalSetup: ["tests/support/made-database.ts"],
      }),
      project("spark", ["tests/spark/**/*.test.ts"], {
        testTimeout: 120_000,
        hookTimeout: 120_000,
        globalSetup: ["tests/support/made-database.ts", "tests/support/spark-setup.ts"],
      }),
      project("e2e", ["tests/e2e/**/*.e2e.ts"], {
        testTimeout: 60_000,
        hookTimeout: 120_000,
        globalSetup: ["tests/support/made-database.ts", "tests/support/browser-setup.ts"],
      }),
    ],
  },
});
