/** Two real servers on one lake, with a real Postgres that tells which of them writes. */
import { mkdtemp } from "node:fs/promises";
import os from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { getJson, hasControlPlane, postJson } from "../support/api-client";
import { missingForPostgres, startPostgres, type PostgresServer } from "../support/postgres-server";
import { pipelineEvent } from "../support/pipeline-event";
import { CutLine } from "../support/processes/cut-line";
import { Pair } from "../support/processes/pair";
import { takeoverRun } from "../support/processes/takeover-run";
import { ServerProcess } from "../support/server-process";
import { openSse } from "../support/sse";
import { until } from "../support/until";
import { removeFolder } from "../support/remove-folder";

const SEED = Number(process.env["CRASH_SEED"] ?? Date.now() % 1_000_000);
const LONG_MS = 30_000;
/** A run waits for many things, each with a bound and a sentence of its own: that sentence is to be told. */
const RUN_MS = 300_000;

const missing = await missingForPostgres();
if (missing !== null && process.env["CI"] === "true") throw new Error(missing);

describe.skipIf(missing !== null)("two servers on one lake", () => {
  let postgres: PostgresServer;
  let folder: string;
  let pair: Pair;

  beforeAll(async () => {
    postgres = await startPostgres();
  });
  afterAll(() => postgres.stop());
  beforeEach(async () => {
    folder = await mkdtemp(join(os.tmpdir(), "weir-pair-"));
    pair = new Pair({ folder, databaseUrl: postgres.url });
  });
  afterEach(async () => {
    await pair.close();
    await removeFolder(folder);
  });

  let number = 0;
  const event = (given: { correlationId?: string } = {}) =>
    pipelineEvent({ eventId: `e-${++number}`, eventTimestamp: Date.now(), ...given });

  it(
    "keep everything that either acknowledged, once and in order, while the writer is killed and the next one is stopped and wakes (invariants 1, 2, 3 and 4)",
    async () => {
      const { url: databaseUrl } = postgres;
      const report = await takeoverRun({ seed: SEED, folder, databaseUrl, fates: ["killed", "stopped"] });
      expect(report.faults, `run it again with CRASH_SEED=${SEED}`).toEqual([]);
      expect(report.acknowledged).toBeGreaterThan(0);
      process.stdout.write(`takeovers after ${report.takeoversMs.map(Math.round).join(" and ")} ms\n`);
    },
    RUN_MS,
  );

  it("say who writes, commit what the reader took, and show it on pages of both at one position", async () => {
    const a = await pair.start("a");
    await pair.untilWriter("a");
    const b = await pair.start("b");
    const { writer } = await pair.info("a");
    await until("the reader to know the writer", async () => (await pair.info("b")).writer?.address === a, LONG_MS);
    expect(await pair.info("b")).toMatchObject({ state: "live", writer: { ...writer, here: false, address: a } });
    expect((await postJson(b, [event({ correlationId: "of-the-reader" })])).accepted).toBe(1);
    await until("the commit", async () => (await pair.info("a")).rows === 1, LONG_MS);
    const { head } = await pair.info("a");
    await until("the reader to see it", async () => (await pair.info("b")).head === head, LONG_MS);
    for (const base of [a, b]) {
      const rows = await getJson<{ position: string; rows: { correlationId: string }[] }>(
        base,
        "/api/v1/feeds/pipeline_events/rows",
      );
      expect([rows.position, rows.rows[0]!.correlationId]).toEqual([head, "of-the-reader"]);
      const page = await fetch(`${base}/feeds/pipeline_events`);
      expect(await page.text()).toContain("of-the-reader");
    }
    expect(await (await fetch(`${b}/feeds/pipeline_events`)).text()).toContain(`written by ${a}`);
  });

  it("let a stream go from one to the other without gap, repetition or reset (invariant 4)", async () => {
    const bases = [await pair.start("a"), await pair.start("b")];
    const stream = (base: string, since: string) =>
      openSse(`${base}/api/v1/feeds/pipeline_events/live?since=${encodeURIComponent(since)}`);
    await postJson(bases[0]!, [event()]);
    const first = await until(
      "a commit",
      async () => (await pair.info("a")).instant && (await pair.info("a")).head,
      LONG_MS,
    );
    let cursor = first;
    for (let i = 0; i < 6; i++) {
      const following = await stream(bases[i % 2]!, cursor);
      const { eventId } = event();
      await postJson(bases[(i + 1) % 2]!, [pipelineEvent({ eventId, eventTimestamp: Date.now() })]);
      const delta = await following.until(({ event }) => event === "delta" || event === "reset");
      expect(delta.data).toMatchObject({ from: cursor, up: [expect.arrayContaining([eventId])] });
      cursor = delta.data["to"] as string;
      following.close();
    }
  });

  it("tell open pages of both what somebody decided at one of them (rule 37)", async () => {
    const bases = [await pair.start("a"), await pair.start("b")];
    for (const base of bases) await until("the database", () => hasControlPlane(base), LONG_MS);
    const following = await openSse(`${bases[1]!}/api/v1/live?topics=views/problems`);
    await following.until(({ event }) => event === "hello");
    const owner = await fetch(`${bases[0]!}/api/v1/pipelines/orders/owner`, {
      method: "PUT",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ owner: "data platform" }),
    });
    expect(owner.status).toBe(200);
    const note = await following.until(({ event }) => event === "note");
    expect(note.data).toMatchObject({ topic: "views/problems", kind: "owner", ref: "orders" });
    following.close();
  });

  it("hand over at once when the writer ends in order", async () => {
    await pair.start("a");
    await pair.untilWriter("a");
    const b = await pair.start("b");
    expect(await pair.stop("a")).toBe(0);
    await pair.untilWriter("b");
    await postJson(b, [event()]);
    await until("the commit", async () => (await pair.info("b")).rows === 1, LONG_MS);
  });

  it("keep taking events and showing pages while the database is away, and commit when it is back (invariant 1)", async () => {
    const line = await CutLine.open(Number(new URL(postgres.url).port));
    const throughLine = new URL(postgres.url);
    throughLine.port = String(line.port);
    pair = new Pair({ folder, databaseUrl: throughLine.href });
    try {
      const bases = [await pair.start("a"), await pair.start("b")];
      await postJson(bases[0]!, [event()]);
      await until("a commit", async () => (await pair.info("b")).rows === 1, LONG_MS);
      line.cut();
      for (const name of ["a", "b"] as const)
        await until(`${name} to say so`, async () => (await pair.info(name)).state === "stalled", LONG_MS);
      for (const base of bases) expect((await postJson(base, [event()])).accepted).toBe(1);
      for (const name of ["a", "b"] as const) {
        await until("both to be waiting", async () => (await pair.info(name)).staged.events === 2, LONG_MS);
        expect((await fetch(`${pair.base(name)}/feeds/pipeline_events`)).status).toBe(200);
        expect(await pair.info(name)).toMatchObject({ rows: 1, writer: null });
      }
      line.mend();
      for (const name of ["a", "b"] as const)
        await until("everything to be committed", async () => (await pair.info(name)).rows === 3, LONG_MS);
      expect((await pair.info("a")).head).toBe((await pair.info("b")).head);
    } finally {
      await pair.close();
      await line.close();
    }
  });

  it("refuse a third that shares the lake with nobody, and say how they work together", async () => {
    await pair.start("a");
    const alone = ServerProcess.spawn({
      dataDir: join(folder, "alone"),
      env: { WEIR_LAKE_URL: `file:${join(folder, "lake")}` },
    });
    expect(await alone.ended).not.toBe(0);
    expect(alone.output).toContain("set the same DATABASE_URL as there");
  });
});
