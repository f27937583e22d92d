/** What tests of the control plane begin from. */
import { join } from "node:path";
import { packageRoot } from "~/config";

export const MIGRATIONS = join(packageRoot(), "src/control/db/migrations");
export const EMBEDDED_WORKER = join(packageRoot(), "src/control/db/embedded-worker.mjs");

/** Migrated database of the server of the tests, which others are copies of. */
export const TEMPLATE = "weir_template";
