/** The whole program beside a job that writes the table: the built server, started as people start it. */
import { randomUUID } from "node:crypto";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { identifier, sql } from "~/lake/spark/sql/sql";
import { copyMadeDatabase, NODE_ARGS } from "../support/begin-with";
import { feedInfo, getJson } from "../support/api-client";
import { ForeignJob, type JobEvent } from "../support/foreign-job";
import { ServerProcess } from "../support/server-process";
import { noSpark, sharedSession, sparkAddress } from "../support/spark";
import { openSse } from "../support/sse";
import { until } from "../support/until";
import { removeFolder } from "../support/remove-folder";

const FEED = "/api/v1/feeds/pipeline_events";
const ENGINES = ["spark", "embedded"] as const;

interface Rows {
  instant: string;
  rows: { eventId: string; status: string; eventTimestamp: number; durationMs: number | null }[];
}

describe.skipIf(noSpark)("Weir beside a job that writes the table", () => {
  const session = sharedSession();
  const database = `adopted_app_${randomUUID().slice(0, 8)}`;
  const startedAt = Date.now();
  let folder: string;
  let job: ForeignJob;
  const servers = new Map<(typeof ENGINES)[number], ServerProcess>();
  const addressOf = (engine: (typeof ENGINES)[number]): string => servers.get(engine)!.address;

  const event = (eventId: string, status: string, updated = startedAt): JobEvent => ({
    eventId,
    pipelineName: "orders",
    status,
    eventTimestamp: startedAt,
    lastUpdatedAt: updated,
  });

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "weir-adopted-app-"));
    job = new ForeignJob({ session: session(), database, folder: join(folder, "lake"), version: 6 });
    const { host, port } = sparkAddress();
    for (const engine of ENGINES) {
      const dataDir = join(folder, engine);
      await copyMadeDatabase(dataDir);
      const server = await ServerProcess.start({
        dataDir,
        nodeArgs: NODE_ARGS,
        env: {
          WEIR_ENGINE: engine,
          WEIR_WRITER: "none",
          WEIR_SPARK_URL: `hive2://${host}:${port}/${database}`,
          WEIR_LAKE_URL: `file:${join(folder, "lake")}`,
        },
      });
      servers.set(engine, server);
    }
  }, 300_000);

  afterAll(async () => {
    for (const server of servers.values()) await server.stop();
    await session().execute(sql`DROP DATABASE IF EXISTS ${identifier(database)} CASCADE`);
    await removeFolder(folder);
  });

  it("shows an empty page until the table comes, and takes no events", async () => {
    for (const engine of ENGINES) {
      const page = await fetch(addressOf(engine));
      expect(page.status).toBe(200);
      expect(await page.text()).toContain("read-only: another job writes this table, which is not there yet");
      const post = await fetch(`${addressOf(engine)}${FEED}/events`, { method: "POST", body: "{}" });
      expect(post.status).toBe(409);
      expect(await post.json()).toMatchObject({ code: "read-only" });
    }
  });

  it("shows what the job writes, live, and as of any instant that the table keeps", async () => {
    await job.create();
    await job.upsert([event("first", "RUNNING")]);
    for (const engine of ENGINES) {
      const base = addressOf(engine);
      const shown = async () => (await fetch(`${base}/feeds/pipeline_events`)).text();
      const page = await until("the row", async () => /1 event match/.test(await shown()) && shown(), 60_000);
      expect(page).toContain("RUNNING");
      expect(page).toMatch(/read-only: another job writes this table, which reaches back to \d{4}-\d\d-\d\d/);
    }
    const streams = await Promise.all(
      ENGINES.map((engine) => openSse(`${addressOf(engine)}/api/v1/live?topics=feeds/pipeline_events`)),
    );
    await Promise.all(streams.map((stream) => stream.until(({ event: kind }) => kind === "hello")));
    const [before] = await job.commits(1);
    await job.upsert([event("first", "FAILED", startedAt + 1_000), event("second", "COMPLETED")]);
    for (const stream of streams) {
      const delta = await stream.until(({ event: kind }) => kind === "delta");
      const up = delta.data["up"] as readonly unknown[][];
      expect(up.map(([key, , , , status]) => `${String(key)} ${String(status)}`).sort()).toEqual([
        "first FAILED",
        "second COMPLETED",
      ]);
      stream.close();
    }
    for (const engine of ENGINES) {
      const base = addressOf(engine);
      expect(await feedInfo(base)).toMatchObject({ state: "read-only", reach: before, rows: 2 });
      const past = await getJson<Rows>(base, `${FEED}/rows?at=${before}`);
      expect(past.rows).toMatchObject([{ eventId: "first", status: "RUNNING", eventTimestamp: startedAt }]);
      const now = await getJson<Rows>(base, `${FEED}/rows`);
      expect(now.rows.map(({ eventId }) => eventId)).toEqual(["first", "second"]);
      expect(now.rows[0]).toMatchObject({ status: "FAILED", durationMs: null });
      const gone = await fetch(`${base}${FEED}/rows?at=2020-01-01T00:00:00Z`);
      expect(gone.status).toBe(410);
      expect(await gone.json()).toMatchObject({ code: "gone", oldest: before });
    }
  });
});
