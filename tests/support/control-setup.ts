/**
 * The databases of suites of the control plane, made once: a migrated copy of the embedded one, which each suite begins from, and a
 * Postgres server with a migrated template database. The first is given to suites that start servers too (`made-database.ts`).
 */
import { cp, mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PGlite } from "@electric-sql/pglite";
import { Pool } from "pg";
import type { TestProject } from "vitest/node";
import { migrateDatabase } from "~/control/db/migrate";
import { MIGRATIONS, TEMPLATE } from "./control-files";
import { makeDatabase } from "./made-database";
import { missingForPostgres, startPostgres } from "./postgres-server";
import { removeFolder } from "./remove-folder";

declare module "vitest" {
  interface ProvidedContext {
    /** File with a tar of a migrated data folder of the embedded database. */
    controlDump: string;
    /** Server with the database `weir_template`; null where there is none. */
    postgresUrl: string | null;
  }
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), "weir-control-"));
  const made = join(folder, "made");
  await makeDatabase(made);
  project.provide("madeDatabase", made);
  project.provide("controlDump", await makeDump(made, folder));
  const missing = await missingForPostgres();
  if (missing !== null) {
    if (process.env["CI"] === "true") throw new Error(missing);
    process.stderr.write(`The suites on a Postgres server are skipped. ${missing}\n`);
  }
  const server = missing === null ? await startPostgres() : null;
  if (server) await makeTemplate(server.url);
  project.provide("postgresUrl", server?.url ?? null);
  return async () => {
    await server?.stop();
    await removeFolder(folder);
  };
}

/** @param made a folder that nobody has open, and stays so */
async function makeDump(made: string, folder: string): Promise<string> {
  const pg = join(folder, "pg");
  await cp(made, pg, { recursive: true });
  const embedded = await PGlite.create(pg);
  const dump = await embedded.dumpDataDir("none");
  await embedded.close();
  const file = join(folder, "dump.tar");
  await writeFile(file, Buffer.from(await dump.arrayBuffer()));
  return file;
}

async function makeTemplate(url: string): Promise<void> {
  const admin = new Pool({ connectionString: url, max: 1 });
  await admin.query(`CREATE DATABASE ${TEMPLATE}`);
  await admin.end();
  const pool = new Pool({ connectionString: url.replace(/postgres$/, TEMPLATE), max: 1 });
  await migrateDatabase(pool, MIGRATIONS);
  await pool.end();
}
