/** The pool, the writer's session and the health of a Spark server, against one that behaves as it is told. */
import { describe, expect, it, onTestFinished } from "vitest";
import { SparkServer, type SparkServerOptions } from "~/lake/spark/spark-server";
import type { SparkAddress } from "~/lake/spark/spark-url";
import { countLiteral } from "~/lake/spark/sql/literals";
import { sql } from "~/lake/spark/sql/sql";
import { hostileHs2, type Behaviour, type WireColumn } from "../support/hostile-hs2";
import { silentLog } from "../support/test-log";
import { until } from "../support/until";

const data = sql`SELECT * FROM data`;
const text = (values: string[]): WireColumn => ({ name: "text", type: 7, member: "stringVal", values });

/** Statements about `slow` end when they are cancelled, those about `data` with one row. */
const slowAndData: Behaviour = {
  answer: (statement) =>
    statement.includes("slow") ? "never" : statement.includes("data") ? [text([statement])] : undefined,
};

function connect(address: SparkAddress, options: Partial<SparkServerOptions> = {}): SparkServer {
  const server = new SparkServer(address, { clock: { now: () => Date.now() }, log: silentLog, ...options });
  onTestFinished(() => server.close());
  return server;
}

describe("sessions for reading", () => {
  it("are opened when they are needed, at most so many, and used again", async () => {
    const { address, calls } = await hostileHs2(slowAndData);
    const spark = connect(address, { readers: 2 });
    const answers = await Promise.all(
      Array.from({ length: 40 }, (_, i) => spark.query(sql`SELECT ${countLiteral(i)} FROM data`)),
    );
    expect(answers.map(({ rows }) => rows[0]![0])).toEqual(
      Array.from({ length: 40 }, (_, i) => `SELECT ${i} FROM data`),
    );
    expect(calls.filter((call) => call === "OpenSession").length).toBeLessThanOrEqual(2);
  });

  it("refuse more callers than may wait, and those who waited too long", async () => {
    const { address } = await hostileHs2(slowAndData);
    const spark = connect(address, { readers: 1, maxWaiting: 1, maxWaitMs: 50 });
    const caller = new AbortController();
    const running = spark.query(sql`SELECT slow`, { signal: caller.signal });
    await until("the query", () => spark.health.lent === 1);
    const waiting = spark.query(data);
    await expect(spark.query(data)).rejects.toThrow("1 queries wait for Spark already: come back later.");
    await expect(waiting).rejects.toThrow("No session with Spark became free within 0.05 s: come back later.");
    caller.abort(new Error("gone"));
    await expect(running).rejects.toThrow("gone");
    expect(spark.health.state).toBe("unknown"); // being full is no failure of the server's
  });

  it("are left at once by whoever gives up while waiting", async () => {
    const { address, calls } = await hostileHs2(slowAndData);
    const spark = connect(address, { readers: 1 });
    const [first, second] = [new AbortController(), new AbortController()];
    const running = spark.query(sql`SELECT slow`, { signal: first.signal });
    const waiting = spark.query(data, { signal: second.signal });
    second.abort(new Error("second gone"));
    await expect(waiting).rejects.toThrow("second gone");
    first.abort(new Error("first gone"));
    await expect(running).rejects.toThrow("first gone");
    expect(calls.join()).not.toContain("FROM data");
  });

  it("serve the next caller although the last one's query cannot be cancelled", async () => {
    const { address } = await hostileHs2({ ...slowAndData, ignoresCancel: true });
    const spark = connect(address, { readers: 1 });
    await expect(spark.query(sql`SELECT slow`, { deadlineMs: 50 })).rejects.toMatchObject({
      code: "engine-unavailable",
    });
    expect((await spark.query(data)).rows).toHaveLength(1);
  });

  it("are replaced when they were lost, and the question asked once more", async () => {
    const hostile = await hostileHs2(slowAndData);
    const spark = connect(hostile.address, { readers: 1 });
    await spark.query(data);
    let asked = 0;
    const answer = await spark.read(async (session) => {
      if (++asked === 1) hostile.dropAll();
      return session.query(data);
    });
    expect([asked, answer.rows.length]).toEqual([2, 1]);
  });

  it("are closed when they are old", async () => {
    const { address, calls } = await hostileHs2(slowAndData);
    let now = 0;
    const spark = connect(address, { readers: 1, maxAgeMs: 1_000, clock: { now: () => now } });
    await spark.query(data);
    now = 2_000;
    await spark.query(data);
    await spark.query(data);
    expect(calls.filter((call) => call === "OpenSession")).toHaveLength(2);
    await until("the end of the old one", () => calls.includes("CloseSession"));
  });

  it("stream large answers, and are free again when the reader leaves", async () => {
    const rows = Array.from({ length: 3_000 }, (_, i) => String(i));
    const { address } = await hostileHs2({
      answer: (statement) => (statement.includes("data") ? [text(rows)] : undefined),
    });
    const spark = connect(address, { readers: 1 });
    const seen: unknown[] = [];
    for await (const page of spark.pages(data)) {
      seen.push(...page.flat());
      if (seen.length >= 500) break;
    }
    expect(seen).toEqual(rows.slice(0, seen.length));
    expect((await spark.query(data, { maxRows: 1 })).rows).toEqual([["0"]]);
  });
});

describe("the writer's session", () => {
  it("is one, takes one after the other, and keeps its settings", async () => {
    const { address, calls } = await hostileHs2();
    const spark = connect(address, { writerConf: { "hoodie.x": "1" } });
    const write = (i: number) =>
      spark.write(async (session) => {
        await session.execute(sql`SET a=${countLiteral(i)}`);
        await session.execute(sql`MERGE ${countLiteral(i)}`);
      });
    await Promise.all([write(1), write(2)]);
    const statements = calls.flatMap((call) => /ExecuteStatement ((?:SET a|MERGE).*)/.exec(call)?.[1] ?? []);
    expect(statements).toEqual(["SET a=1", "MERGE 1", "SET a=2", "MERGE 2"]);
    expect(calls.filter((call) => call === "OpenSession")).toHaveLength(1);
  });

  it("never writes twice: after a lost connection the outcome is the caller's to look up", async () => {
    const hostile = await hostileHs2(slowAndData);
    const spark = connect(hostile.address);
    let asked = 0;
    const lost = spark.write(async (session) => {
      asked++;
      const merging = session.execute(sql`MERGE slow`);
      await until("the statement", () => hostile.calls.at(-1) === "GetOperationStatus");
      hostile.dropAll();
      await merging;
    });
    await expect(lost).rejects.toMatchObject({ code: "engine-unavailable" });
    expect(asked).toBe(1);
    await spark.write((session) => session.execute(sql`SET a=1`));
  });
});

describe("a server that is away", () => {
  const quick = { failures: 3, lookAgainMs: 20, lookAgainMaxMs: 20 };

  it("is no longer waited for after a few failures, and is found again when it is back (invariant 6)", async () => {
    const first = await hostileHs2(slowAndData);
    const spark = connect(first.address, quick);
    await spark.query(data);
    expect(spark.health).toMatchObject({ state: "up", reason: null });
    await first.die();
    await until("the breaker", async () => {
      await expect(spark.query(data)).rejects.toMatchObject({ code: "engine-unavailable" });
      return spark.health.state === "down";
    });
    expect(spark.health.reason).toMatch(/^Spark at 127\.0\.0\.1:\d+ cannot be reached: .*ECONNREFUSED/);
    await expect(spark.query(data)).rejects.toThrow(spark.health.reason!);
    await expect(spark.write((session) => session.execute(data))).rejects.toThrow(spark.health.reason!);
    await hostileHs2({ ...slowAndData, port: first.address.port });
    await until("the server", () => spark.health.state === "up");
    expect((await spark.query(data)).rows).toHaveLength(1);
  });

  it("is not waited for while it takes connections and says nothing", async () => {
    const hostile = await hostileHs2({ onConnection: () => true });
    const spark = connect(hostile.address, { ...quick, connectMs: 30 });
    await until("the breaker", async () => {
      await expect(spark.query(data)).rejects.toMatchObject({ code: "engine-unavailable" });
      return spark.health.state === "down";
    });
    expect(spark.health.reason).toContain("did not take the connection within 0.03 s");
  });

  it("is not thought to be away because it refuses statements or is slow with them", async () => {
    const { address } = await hostileHs2({
      answer: (statement) =>
        statement.includes("slow") ? "never" : statement.includes("data") ? { state: 5, words: "no" } : undefined,
    });
    const spark = connect(address, quick);
    for (let i = 0; i < 5; i++) {
      await expect(spark.query(data)).rejects.toMatchObject({ name: "SparkError" });
      await expect(spark.query(sql`SELECT slow`, { deadlineMs: 10 })).rejects.toThrow("did not finish");
    }
    expect(spark.health.state).not.toBe("down");
  });

  it("is asked from time to time when nobody else asks", async () => {
    const { address, calls } = await hostileHs2();
    const spark = connect(address, { probeMs: 10 });
    await until("two probes", () => calls.filter((call) => call === "ExecuteStatement SELECT 1").length >= 2);
    expect(spark.health.state).toBe("up");
  });
});
