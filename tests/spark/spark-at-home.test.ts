/** `scripts/spark.mjs` from outside: a server that is killed comes back in its place, and none outlives whoever wanted it. */
import { spawn, type ChildProcess } from "node:child_process";
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { packageRoot } from "~/config";
import { SparkServer } from "~/lake/spark/spark-server";
import { parseSparkUrl } from "~/lake/spark/spark-url";
import { sql } from "~/lake/spark/sql/sql";
import { startSpark } from "../../scripts/spark/start.mjs";
import { noSpark } from "../support/spark";
import { silentLog } from "../support/test-log";
import { until } from "../support/until";

const quick = { warm: false, shortLived: true, heapMiB: 768, cores: 1 };

/** Servers are started here one after the other, on a machine that may have other work. */
describe.skipIf(noSpark)("a Spark of one's own", { timeout: 600_000 }, () => {
  it("is found again by the same client after a kill, on the same port, and ends with whoever started it; nothing is left", async () => {
    const first = await startSpark(quick);
    const spark = new SparkServer(parseSparkUrl(first.url), { clock: { now: () => Date.now() }, log: silentLog });
    onTestFinished(() => spark.close());
    const endless = sql`SELECT count(*) FROM range(1000000000000) WHERE id % 7 = 3`;
    const failed = expect(spark.query(endless)).rejects.toMatchObject({ code: "engine-unavailable" });
    await until("the query", () => spark.health.lent === 1);
    await first.kill();
    await failed;
    expect(existsSync(dirname(first.logFile))).toBe(false);

    const { parent, second } = await startedByAnother({ ...quick, port: first.port });
    await until("an answer", async () => (await spark.query(sql`SELECT 1`).catch(() => null)) !== null, 30_000);
    expect(second.url).toBe(first.url);
    expect(isAlive(second.pid)).toBe(true);
    parent.kill("SIGKILL");
    await until("the end of the server", () => !isAlive(second.pid), 30_000);
    await until("the end of its folder", () => !existsSync(dirname(second.logFile)));
  });
});

interface Started {
  url: string;
  pid: number;
  logFile: string;
}

/** A server that a process of its own starts, which stays. */
async function startedByAnother(options: object): Promise<{ parent: ChildProcess; second: Started }> {
  const program = `import { startSpark } from ${JSON.stringify(join(packageRoot(), "scripts", "spark", "start.mjs"))};
    console.log(JSON.stringify(await startSpark(${JSON.stringify(options)})));
    setInterval(() => undefined, 1000);`;
  const parent = spawn(process.execPath, ["--input-type=module", "-e", program], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  onTestFinished(() => void parent.kill("SIGKILL"));
  let line = "";
  parent.stdout.setEncoding("utf8").on("data", (text: string) => (line += text));
  await until("the server", () => line.includes("\n"), 300_000);
  return { parent, second: JSON.parse(line) as Started };
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false; // no such process
  }
}
