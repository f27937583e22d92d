/**
 * The real server on a Spark of its own: Spark is killed in the middle of a commit and stays away, then Weir is killed in the
 * middle of one. Publishers go on all the time, and what they were promised is compared with the files of both tables.
 *
 * The Spark that comes back is the one that all suites share: it is warm, and knows as little of the tables as one that was
 * started again. Weir reaches both under one address.
 */
import { randomUUID } from "node:crypto";
import { mkdtemp, readdir, readFile, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startSpark, type RunningSpark } from "../../scripts/spark/start.mjs";
import { copyMadeDatabase, NODE_ARGS } from "../support/begin-with";
import { feedInfo } from "../support/api-client";
import { Gate } from "../support/gate";
import { readPlainTable } from "../support/plain-hudi";
import { ServerProcess } from "../support/server-process";
import { noSpark, sparkAddress } from "../support/spark";
import { until } from "../support/until";
import { removeFolder } from "../support/remove-folder";

const FEED = "pipeline_events";
const WITHIN_MS = 600_000;
const quick = { warm: false, shortLived: true, heapMiB: 1024, cores: 2 };

/** Publishes a new event again and again, and remembers which were accepted. */
class SteadyPublisher {
  readonly accepted = new Set<string>();
  address = "";
  #stopped = false;
  #run: Promise<void> | null = null;

  start(): void {
    this.#run = this.#publish();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#run;
  }

  async #publish(): Promise<void> {
    for (let n = 0; !this.#stopped; n++) {
      const id = `e-${n}`;
      if (await this.#send(id)) this.accepted.add(id);
      await pause(200); // the pace of publishing, which nothing is judged by
    }
  }

  async #send(eventId: string): Promise<boolean> {
    const now = Date.now();
    const event = { eventId, correlationId: "c", pipelineName: "p", stageName: "s", status: "COMPLETED" };
    try {
      const answer = await fetch(`${this.address}/api/v1/feeds/${FEED}/events`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ ...event, eventTimestamp: now, lastUpdatedAt: now }),
      });
      return answer.status === 202;
    } catch {
      return false; // the server is being killed: whether it took the event is not known, and nothing was promised
    }
  }
}

describe.skipIf(noSpark)("what was acknowledged", () => {
  let folder: string;
  let spark: RunningSpark;
  let way: Gate;
  const database = `crash_${randomUUID().slice(0, 8)}`;
  let weir: ServerProcess;
  const publisher = new SteadyPublisher();

  const startWeir = async () => {
    const env = { WEIR_ENGINE: "spark", WEIR_SPARK_URL: `hive2://127.0.0.1:${way.port}/${database}` };
    weir = await ServerProcess.start({ dataDir: folder, env, nodeArgs: NODE_ARGS });
    publisher.address = weir.address;
  };
  const pending = async (table: string): Promise<boolean> => {
    const names = await readdir(join(folder, "lake", table, ".hoodie"));
    return names.some((name) => name.endsWith(".inflight") && !names.includes(name.replace(".inflight", ".commit")));
  };
  const rows = async () => (await feedInfo(weir.address)).rows;
  const settled = () =>
    until(
      "everything accepted to be in the table",
      async () => (await feedInfo(weir.address)).staged.events === 0,
      WITHIN_MS,
    );
  const compare = async () => {
    for (const name of [`${FEED}_log`, FEED]) {
      const table = await readPlainTable(join(folder, "lake", name));
      const ids = table.rows.map(({ values }) => values["eventId"] as string);
      const known = new Set(ids);
      expect(known.size).toBe(ids.length);
      const missing = [...publisher.accepted].filter((id) => !known.has(id));
      const story = missing.length === 0 ? "" : `${await timelines()}\n${weir.output}`;
      expect(missing, `what is not in ${name}; pending ${table.pending}; strays ${table.strays}\n${story}`).toEqual([]);
    }
  };
  /** What a failure is understood by: the actions of both tables, with what commits say of themselves. */
  const timelines = async (): Promise<string> => {
    const lines: string[] = [];
    for (const name of [`${FEED}_log`, FEED]) {
      const timeline = join(folder, "lake", name, ".hoodie");
      for (const file of (await readdir(timeline)).sort()) {
        if (!/^\d{17}\./.test(file)) continue;
        const { mtime } = await stat(join(timeline, file));
        const text = file.endsWith(".commit") ? await readFile(join(timeline, file), "utf8") : "";
        const told = text.match(/"(weir_batch_id|weir_staged|numInserts|numWrites|prevCommit)" ?: ?[^,}]*/g) ?? [];
        lines.push(`${name} ${file} ${mtime.toISOString()} ${told.join(" ")}`);
      }
    }
    return lines.join("\n");
  };

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "weir-spark-crash-"));
    await copyMadeDatabase(folder);
    spark = await startSpark(quick);
    way = await Gate.openTo(spark.port);
    await startWeir();
    publisher.start();
    await until("the first rows", async () => (await rows()) > 0, WITHIN_MS);
  }, WITHIN_MS);

  afterAll(async () => {
    await publisher.stop();
    await weir.stop();
    await way.shut();
    await spark.stop();
    await removeFolder(folder);
  });

  it(
    "is kept when Spark is killed in the middle of a commit; pages stay up meanwhile (invariants 1, 2, 6, 7)",
    async () => {
      await until("a commit of the state", () => pending(FEED), WITHIN_MS);
      await spark.kill();
      await way.shut();
      const before = publisher.accepted.size;
      await until("the failure to be told", async () => (await feedInfo(weir.address)).state === "stalled", WITHIN_MS);
      expect((await fetch(`${weir.address}/`)).status).toBe(200);
      const past = await fetch(`${weir.address}/api/v1/feeds/${FEED}/rows?at=-1m&limit=7`);
      expect(past.status).toBe(503);
      expect(await past.json()).toMatchObject({ code: "engine-unavailable" });
      await until("more events to be accepted", () => publisher.accepted.size > before + 5, WITHIN_MS);
      await way.open(sparkAddress().port);
      const accepted = publisher.accepted.size;
      await until("the backlog in the table", async () => (await rows()) >= accepted, WITHIN_MS);
    },
    WITHIN_MS,
  );

  it(
    "is kept when Weir is killed in the middle of a commit (invariants 1, 2)",
    async () => {
      await until("a commit of the log", () => pending(`${FEED}_log`), WITHIN_MS);
      await weir.kill();
      await startWeir();
      await until("a commit of the state", () => pending(FEED), WITHIN_MS);
      await weir.kill();
      await startWeir();
      await publisher.stop();
      await settled();
      await compare();
    },
    WITHIN_MS,
  );
});
