/**
 * An embedded database that is made and migrated, for servers of tests to begin with a copy of: making one computes for seconds,
 * as much as everything else that most of these servers do.
 */
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setFlagsFromString } from "node:v8";
import type { TestProject } from "vitest/node";
import { openEmbedded } from "~/control/db/embedded";
import { migrateDatabase } from "~/control/db/migrate";
import { EMBEDDED_WORKER, MIGRATIONS } from "./control-files";
import { removeFolder } from "./remove-folder";

declare module "vitest" {
  interface ProvidedContext {
    /** Folder of a migrated embedded database that nobody has open. */
    madeDatabase: string;
  }
}

/** @param folder where it is to be; nothing is there yet */
export async function makeDatabase(folder: string): Promise<void> {
  // Too little is asked of it to compile it for speed.
  setFlagsFromString("--liftoff-only");
  const database = await openEmbedded({ worker: EMBEDDED_WORKER, folder }, fail);
  await migrateDatabase(database.pool, MIGRATIONS);
  await database.close();
}

/** Of projects whose suites start servers. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const parent = await mkdtemp(join(tmpdir(), "weir-database-"));
  const folder = join(parent, "pg");
  await makeDatabase(folder);
  project.provide("madeDatabase", folder);
  return () => removeFolder(parent);
}

function fail(error: Error): void {
  throw error;
}
