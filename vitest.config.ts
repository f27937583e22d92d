/** Tests have their own config: qwikVite() for components, no qwikCity() (it would look for routes in every project). */
import { fileURLToPath } from "node:url";
import { qwikVite } from "@builder.io/qwik/optimizer";
import { defineConfig } from "vitest/config";
import { LongFirst } from "./tests/support/long-first";

const alias = { "~": fileURLToPath(new URL("./src", import.meta.url)) };
const project = (name: string, include: string[], more: object = {}) => ({
  plugins: [qwikVite()],
  resolve: { alias },
  test: { name, include, environment: "node" as const, setupFiles: ["tests/support/no-console-errors.ts"], ...more },
});

const UNIT = ["src/**/*.test.{ts,tsx}", "scripts/**/*.test.mjs"];
const CONTRACT = ["tests/contract/**/*.test.ts"];
const CONTROL = ["tests/control/**/*.test.ts"];
const INTEGRATION = ["tests/integration/**/*.test.ts"];
const CONTROL_SETUP = "tests/support/control-setup.ts";
const MADE_DATABASE = "tests/support/made-database.ts";
/** Property tests and many small durable commits beside another lane: the bounds are for what hangs, not for what is slow. */
const PATIENT = { testTimeout: 120_000, hookTimeout: 120_000 };

const SERVER = project("server", [...UNIT, ...CONTRACT, ...CONTROL, ...INTEGRATION], {
  ...PATIENT,
  globalSetup: [CONTROL_SETUP],
});

export default defineConfig({
  test: {
    // Unless told, a machine with two cores would use one of them.
    maxWorkers: "100%",
    minWorkers: 1,
    // The embedded database as it is compiled first: to compile it a second time for speed costs more than all that suites ask it.
    poolOptions: { forks: { execArgv: ["--liftoff-only"] } },
    sequence: { sequencer: LongFirst },
    projects: [
      project("unit", UNIT, PATIENT),
      project("contract", CONTRACT, PATIENT),
      project("control", CONTROL, { ...PATIENT, globalSetup: [CONTROL_SETUP] }),
      project("integration", INTEGRATION, { ...PATIENT, globalSetup: [MADE_DATABASE] }),
      // All of these at once: files of one project only share workers, and at the end of each project one of two is idle. Only for
      // whoever asks for it by name: every file in it is one of another project's.
      ...(process.argv.includes("server") ? [SERVER] : []),
      project("spark", ["tests/spark/**/*.test.ts"], {
        ...PATIENT,
        globalSetup: [MADE_DATABASE, "tests/support/spark-setup.ts"],
      }),
      project("e2e", ["tests/e2e/**/*.e2e.ts"], {
        testTimeout: 60_000,
        hookTimeout: 120_000,
        globalSetup: [MADE_DATABASE, "tests/support/browser-setup.ts"],
      }),
    ],
  },
});
