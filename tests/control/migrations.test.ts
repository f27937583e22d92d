import { mkdir, mkdtemp, readdir, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sql } from "drizzle-orm";
import { Registry } from "prom-client";
import { describe, expect, inject, onTestFinished, test } from "vitest";
import { ControlPlane } from "~/control/control-plane";
import type { Database } from "~/control/db/database";
import { openEmbedded } from "~/control/db/embedded";
import { migrateDatabase, NewerDatabase } from "~/control/db/migrate";
import { openPostgres } from "~/control/db/postgres";
import { freshDatabase, onEveryDatabase, openDump } from "../support/control";
import { EMBEDDED_WORKER, MIGRATIONS } from "../support/control-files";
import { silentLog } from "../support/test-log";
import { until } from "../support/until";
import { removeFolder } from "../support/remove-folder";

interface Journal {
  entries: { when: number; tag: string }[];
}
const journal = async () => JSON.parse(await readFile(join(MIGRATIONS, "meta/_journal.json"), "utf8")) as Journal;
const appliedTo = async ({ db }: Pick<Database, "db">) => {
  const { rows } = await db.execute(sql`SELECT count(*)::int AS n FROM drizzle.__drizzle_migrations`);
  return rows[0]!["n"];
};
const ignoreLost = () => undefined;

test("migrations are in the order of their times, or a database would skip the ones that came late", async () => {
  const times = (await journal()).entries.map(({ when }) => when);
  expect(times).toEqual([...new Set(times)].sort((a, b) => a - b));
});

onEveryDatabase((control) => {
  test("migrating what is migrated changes nothing", async () => {
    const { length } = (await journal()).entries;
    expect(await appliedTo(control)).toBe(length);
    await migrateDatabase(control.pool, MIGRATIONS);
    expect(await appliedTo(control)).toBe(length);
  });

  test("a database that a newer program migrated is refused with what to do", async () => {
    await control.db.execute(
      sql`INSERT INTO drizzle.__drizzle_migrations (hash, created_at) VALUES ('from the future', 9999999999999)`,
    );
    const refused = migrateDatabase(control.pool, MIGRATIONS);
    await expect(refused).rejects.toThrow(NewerDatabase);
    await expect(refused).rejects.toThrow("migrated by a newer Weir (1 of its migrations are unknown to this one)");
  });
});

test("the control plane on a newer database stays away and says why", async () => {
  const database = await openDump();
  await database.db.execute(
    sql`INSERT INTO drizzle.__drizzle_migrations (hash, created_at) VALUES ('new', 9999999999999)`,
  );
  let opened = 0;
  const control = new ControlPlane({
    open: () => {
      opened += 1;
      return Promise.resolve(database);
    },
    migrationsFolder: MIGRATIONS,
    isShared: false,
    settleMs: 0,
    probeMs: null,
    clock: { now: () => 1 },
    log: silentLog,
    metrics: new Registry(),
  });
  onTestFinished(() => control.close());
  await until("the control plane to be away", () => control.state.kind === "away");
  expect(control.state).toMatchObject({ reason: expect.stringContaining("start that one") as string });
  await expect(control.database(30_000)).rejects.toMatchObject({ code: "control-unavailable" });
  expect(opened).toBe(1);
});

describe.skipIf(inject("postgresUrl") === null)("on a Postgres server", () => {
  test("several programs that start at once migrate once", async () => {
    const url = await freshDatabase("template0");
    const programs = [1, 2, 3, 4].map(() => openPostgres(url, ignoreLost));
    onTestFinished(async () => void (await Promise.all(programs.map((one) => one.close()))));
    await Promise.all(programs.map(({ pool }) => migrateDatabase(pool, MIGRATIONS)));
    expect(await appliedTo(programs[0]!)).toBe((await journal()).entries.length);
  });
});

describe("the folder of the embedded database", () => {
  test("is made whole: half of one that a crash left is not taken for it", async () => {
    const parent = await mkdtemp(join(tmpdir(), "weir-pg-"));
    onTestFinished(() => removeFolder(parent));
    const folder = join(parent, "data", "pg");
    const open = () => openEmbedded({ worker: EMBEDDED_WORKER, folder }, ignoreLost);
    await mkdir(`${folder}.new/base`, { recursive: true });
    await writeFile(join(`${folder}.new`, "PG_VERSION"), "18\n");
    const first = await open();
    await first.db.execute(sql`CREATE TABLE kept (id int)`);
    await first.close();
    expect(await readdir(join(parent, "data"))).toEqual(["pg"]);
    const second = await open();
    expect((await second.db.execute(sql`SELECT to_regclass('kept')::text AS found`)).rows).toEqual([{ found: "kept" }]);
    await second.close();
  });
});
