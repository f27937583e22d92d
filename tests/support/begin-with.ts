/** What servers of tests begin with, so that they spend little on an embedded database of which little is asked. */
import { cp } from "node:fs/promises";
import { join } from "node:path";
import { inject } from "vitest";

/** For Node: the database as it is compiled first. To compile it a second time for speed costs more than all that a test asks it. */
export const NODE_ARGS: readonly string[] = ["--liftoff-only"];

/** The data directory has a database that is made and migrated; the project has `made-database.ts` as its setup. */
export const copyMadeDatabase = (dataDir: string): Promise<void> =>
  cp(inject("madeDatabase"), join(dataDir, "pg"), { recursive: true });
