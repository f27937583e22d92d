/** The pool on a real server: what is cancelled there is gone, and nobody waits behind it. */
import { describe, expect, it, onTestFinished } from "vitest";
import { SparkServer, type SparkServerOptions } from "~/lake/spark/spark-server";
import { countLiteral } from "~/lake/spark/sql/literals";
import { setting, sql } from "~/lake/spark/sql/sql";
import { noSpark, sparkAddress } from "../support/spark";
import { silentLog } from "../support/test-log";

const endless = sql`SELECT count(*) FROM range(1000000000000) WHERE id % 7 = 3`;

function connect(options: Partial<SparkServerOptions> = {}): SparkServer {
  const spark = new SparkServer(sparkAddress(), { clock: { now: () => Date.now() }, log: silentLog, ...options });
  onTestFinished(() => spark.close());
  return spark;
}

describe.skipIf(noSpark)("a Spark server", () => {
  it("answers those who stay while others leave their queries behind (invariant 6)", async () => {
    const spark = connect({ readers: 3, maxWaitMs: 100_000 });
    const callers = Array.from({ length: 12 }, () => new AbortController());
    const left = callers.map(({ signal }) =>
      expect(spark.query(endless, { signal, deadlineMs: 100_000 })).rejects.toThrow("left"),
    );
    const stayed = Array.from({ length: 12 }, (_, i) => spark.query(sql`SELECT ${countLiteral(i)}`));
    for (const caller of callers) caller.abort(new Error("left"));
    expect((await Promise.all(stayed)).map(({ rows }) => rows[0]![0])).toEqual(callers.map((_, i) => i));
    await Promise.all(left);
    expect(spark.health).toMatchObject({ state: "up", waiting: 0, lent: 0 });
  });

  it("keeps what the writer has set, and the readers' sessions apart from it", async () => {
    const key = setting("weir.test");
    const spark = connect({ readers: 1, writerConf: { "weir.test": "from the start" } });
    const ofWriter = () => spark.write(async (session) => (await session.query(sql`SET ${key}`)).rows[0]![1]);
    expect(await ofWriter()).toBe("from the start");
    await spark.write((session) => session.execute(sql`SET ${key}=later`));
    expect(await ofWriter()).toBe("later");
    expect((await spark.query(sql`SET ${key}`)).rows[0]![1]).toBe("<undefined>");
  });

  it("tells at once that a table is not there, and stays up", async () => {
    const spark = connect();
    await expect(spark.query(sql`SELECT * FROM default.no_such_table`)).rejects.toMatchObject({
      name: "SparkError",
      errorClass: "TABLE_OR_VIEW_NOT_FOUND",
    });
    expect(spark.health.state).toBe("up");
  });
});
