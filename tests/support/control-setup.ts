/**
 * The databases of the `control` project, made once: a migrated copy of the embedded one, which each suite begins from, and a
 * Postgres server with a migrated template database.
 */
import { mkdtemp, writeFile } from "node:fs/promises";
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
  project.provide("controlDump", await makeDump(folder));
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

async function makeDump(folder: string): Promise<string> {
  const pg = join(folder, "pg");
  await makeDatabase(pg);
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
