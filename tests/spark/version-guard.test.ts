/** What scripts/spark/options.mjs promises of tables that nobody has told their version. */
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { quotedLiteral } from "~/lake/spark/sql/literals";
import { sql } from "~/lake/spark/sql/sql";
import { noSpark, sharedSession } from "../support/spark";
import { temporaryFolder } from "../support/temporary-folder";

describe.skipIf(noSpark)("a Spark of one's own", () => {
  const session = sharedSession();

  it("makes and keeps tables of version 6, without a metadata table", async () => {
    const folder = join(await temporaryFolder(), "t");
    const table = sql`default.version_guard`;
    const run = (statement: ReturnType<typeof sql>) => session().execute(statement, { deadlineMs: 100_000 });
    await run(sql`CREATE TABLE ${table} (id STRING, v BIGINT) USING hudi
      TBLPROPERTIES (type = 'cow', primaryKey = 'id', preCombineField = 'v') LOCATION ${quotedLiteral(`file:${folder}`)}`);
    try {
      const row = sql`SELECT 'a' AS id, 1L AS v`;
      await run(sql`MERGE INTO ${table} AS t USING (${row}) AS s ON t.id = s.id
        WHEN MATCHED THEN UPDATE SET * WHEN NOT MATCHED THEN INSERT *`);
      const properties = await readFile(join(folder, ".hoodie", "hoodie.properties"), "utf8");
      expect(properties).toMatch(/^hoodie\.table\.version=6$/m);
      expect(existsSync(join(folder, ".hoodie", "metadata"))).toBe(false);
      expect((await session().query(sql`SELECT id, v FROM ${table}`)).rows).toEqual([["a", 1n]]);
    } finally {
      await run(sql`DROP TABLE ${table}`);
    }
  });
});
