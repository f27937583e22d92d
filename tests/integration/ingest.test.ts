/** From bytes to tables: what was acknowledged is there, whatever fails on the way. */
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { localStorage } from "~/lake/storage/local";
import { AppError } from "~/model/app-error";
import type { Replayed } from "~/ingest/ingest";
import type { Pace } from "~/ingest/pace";
import { realPace } from "~/ingest/pace";
import { diskFull, faultyStorage, onNthWrite, onWrites } from "../support/faulty-storage";
import { encodeContainer } from "../support/avro-container";
import { pipelineEvent, type PipelineEvent } from "../support/pipeline-event";
import { temporaryFolder } from "../support/temporary-folder";
import { openTestIngest } from "../support/test-ingest";
import { until } from "../support/until";

const NINE = Date.UTC(2026, 10, 21, 9);
const event = (eventId: string, more: Partial<PipelineEvent> = {}) =>
  pipelineEvent({ eventId, eventTimestamp: NINE, ...more });
const ids = (rows: Record<string, unknown>[]) => rows.map((row) => row["eventId"]).sort();

/** Retries and gaps take no time; an idle loop rests as ever. */
const quickPace: Pace = {
  elapsed: realPace.elapsed,
  sleep: (ms, signal) => (ms > 20_000 ? realPace.sleep(ms, signal) : new Promise((resolve) => setImmediate(resolve))),
};

async function codeOf(work: Promise<unknown>): Promise<string | null> {
  try {
    await work;
    return null;
  } catch (error) {
    if (error instanceof AppError) return error.code;
    throw error;
  }
}

test("JSON, lines and Avro land in the table, the newest version of each key (invariant 2)", async () => {
  const { post, rows, commits } = await openTestIngest({ folder: await temporaryFolder(), now: () => NINE });
  expect(await post(event("a"))).toEqual({ accepted: 1, rejected: [] });
  await post([event("b", { status: "RUNNING" }), event("b", { status: "COMPLETED" })]);
  await post(`${JSON.stringify(event("c"))}\n${JSON.stringify(event("d"))}`, "application/x-ndjson");
  await post(
    await encodeContainer([event("e", { processedRecordCount: 5, labels: { team: "x" } })]),
    "application/avro",
  );
  const found = await rows();
  expect(ids(found)).toEqual(["a", "b", "c", "d", "e"]);
  expect(found.find((row) => row["eventId"] === "b")!["status"]).toBe("COMPLETED");
  expect(found.find((row) => row["eventId"] === "e")).toMatchObject({ processedRecordCount: 5, labels: { team: "x" } });
  expect(commits.flatMap(({ up }) => up.map(([id]) => id)).length).toBeGreaterThanOrEqual(5);
});

test("longs beyond 2^53 come out of the table as they went in", async () => {
  const { post, rows } = await openTestIngest({ folder: await temporaryFolder(), now: () => NINE });
  const body = JSON.stringify(event("a", { processedRecordCount: 1, sourceRecordCount: 2 }));
  await post(
    body
      .replace('processedRecordCount":1', 'processedRecordCount":9007199254740993')
      .replace('sourceRecordCount":2', 'sourceRecordCount":"-9223372036854775808"'),
  );
  expect(await rows()).toMatchObject([
    { processedRecordCount: "9007199254740993", sourceRecordCount: "-9223372036854775808" },
  ]);
});

describe("what cannot be taken", () => {
  test("goes to dead letters beside something accepted, and names them", async () => {
    const { post, rows, ingest } = await openTestIngest({ folder: await temporaryFolder(), now: () => NINE });
    const answer = await post([event("a"), { ...event("b"), status: "DONE" }, event("c")]);
    expect(answer).toMatchObject({ accepted: 2, rejected: [{ index: 1, field: "status" }] });
    const { deadLetters } = ingest.deadLetters("pipeline_events").list(10, null);
    expect(deadLetters).toMatchObject([{ id: answer.rejected[0]!.deadLetter, source: "http", field: "status" }]);
    expect(ids(await rows())).toEqual(["a", "c"]);
    expect(ingest.status("pipeline_events").deadLetters).toBe(1);
  });

  test("is refused when nothing is accepted, and nothing is stored", async () => {
    const { post, ingest } = await openTestIngest({ folder: await temporaryFolder(), now: () => NINE });
    const error = await post([{ ...event("b"), status: "DONE" }, 5]).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({
      code: "nothing-acceptable",
      details: {
        rejected: [
          { index: 0, field: "status", deadLetter: null },
          { index: 1, field: null, deadLetter: null },
        ],
      },
    });
    expect(ingest.status("pipeline_events")).toMatchObject({ deadLetters: 0, staged: { events: 0 } });
  });

  test("can be replayed once its cause is gone, and is a dead letter no more", async () => {
    let now = NINE;
    const { post, rows, ingest } = await openTestIngest({ folder: await temporaryFolder(), now: () => now });
    const early = event("early", { lastUpdatedAt: NINE + 30 * 3_600_000 });
    for (const [body, type] of [
      [[event("a"), early], "application/json"],
      [await encodeContainer([event("b"), { ...early, eventId: "early-2" }]), "application/avro"],
    ] as const) {
      const { rejected } = await post(body, type);
      const id = rejected[0]!.deadLetter!;
      now = NINE;
      expect(await codeOf(ingest.replay("pipeline_events", id))).toBe("nothing-acceptable");
      now = NINE + 7 * 3_600_000;
      const done: object[] = [];
      expect(await ingest.replay("pipeline_events", id, (one) => done.push(one))).toEqual({
        accepted: 1,
        rejected: [],
      });
      expect(done).toMatchObject([{ answer: { accepted: 1, rejected: [] }, letter: { id } }]);
      expect(await codeOf(ingest.replay("pipeline_events", id))).toBe("not-found");
      now = NINE;
    }
    expect(ids(await rows())).toEqual(["a", "b", "early", "early-2"]);
    expect(ingest.status("pipeline_events").deadLetters).toBe(0);
  });
});

test("who replays a dead letter is told that it was done, though the disk does not let go of the letter", async () => {
  const folder = await temporaryFolder();
  const storage = faultyStorage(localStorage(folder));
  let now = NINE;
  const { post, rows, ingest } = await openTestIngest({ folder, storage, now: () => now });
  const { rejected } = await post([event("a"), event("early", { lastUpdatedAt: NINE + 30 * 3_600_000 })]);
  const id = rejected[0]!.deadLetter!;
  now = NINE + 7 * 3_600_000;
  storage.before(({ method, path }) => {
    if (method === "remove" && path.endsWith(".letters")) throw diskFull("EROFS");
  });
  const done: Replayed[] = [];
  expect(await codeOf(ingest.replay("pipeline_events", id, (one) => done.push(one)))).toBe("disk-full");
  expect(done).toMatchObject([{ answer: { accepted: 1 }, letter: { id } }]);
  expect(ids(await rows())).toEqual(["a", "early"]);
  expect(ingest.status("pipeline_events").deadLetters).toBe(1);
});

describe("Pub/Sub push", () => {
  const data = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64");

  test("takes messages, and keeps as dead letters those that would come again for ever", async () => {
    const { push, rows, ingest } = await openTestIngest({ folder: await temporaryFolder(), now: () => NINE });
    await push({ data: data(event("a")), messageId: "1" });
    await push({ data: Buffer.from("nonsense").toString("base64"), messageId: "2" });
    await push({ data: data([event("b"), {}]), messageId: "3" });
    expect(ids(await rows())).toEqual(["a", "b"]);
    const { deadLetters } = ingest.deadLetters("pipeline_events").list(10, null);
    expect(deadLetters.map(({ source }) => source)).toEqual(["pubsub 3", "pubsub 2"]);
  });

  test("asks for another delivery while the disk is full", async () => {
    const folder = await temporaryFolder();
    const storage = faultyStorage(localStorage(folder));
    const { push } = await openTestIngest({ folder, storage, now: () => NINE });
    storage.before(onWrites(diskFull));
    expect(await codeOf(push({ data: data(event("a")), messageId: "1" }))).toBe("disk-full");
    expect(await codeOf(push({ data: "x", messageId: "2" }))).toBe("disk-full");
    storage.heal();
    await push({ data: data(event("a")), messageId: "1" });
  });
});

describe("limits", () => {
  test("a staging area over its bound refuses and says when to come back; a body too large is refused", async () => {
    const { post } = await openTestIngest({
      folder: await temporaryFolder(),
      now: () => NINE,
      limits: { maxStagingBytes: 1_000, maxBodyBytes: 2_000 },
    });
    // What it could never hold is not asked for again.
    expect(await codeOf(post("x".repeat(1_001)))).toBe("too-large");
    const some = (prefix: string) => [event(`${prefix}-1`), event(`${prefix}-2`)];
    const codes = await Promise.all([codeOf(post(some("a"))), codeOf(post(some("b")))]);
    expect(codes.sort()).toEqual(["staging-full", null].sort());
    expect(await codeOf(post("x", "text/plain"))).toBe("unsupported-type");
  });

  test("a feed that does not exist is named", async () => {
    const { ingest } = await openTestIngest({ folder: await temporaryFolder() });
    for (const work of [() => ingest.status("nope"), () => ingest.deadLetters("__proto__")]) {
      expect(work).toThrow(expect.objectContaining({ code: "unknown-feed" }) as Error);
    }
  });
});

describe("faults of the disk", () => {
  /** Sends mixed bodies; what was acknowledged is remembered, what was not is sent again as a publisher would. */
  async function publish(post: (body: unknown) => Promise<unknown>, acknowledged: Set<string>, bad: Set<string>) {
    for (let i = 0; i < 4; i++) {
      const body = [event(`good-${i}`), { ...event(`bad-${i}`), status: "DONE" }];
      for (let attempt = 0; attempt < 3; attempt++) {
        const code = await codeOf(post(body));
        if (code !== null && code !== "disk-full") throw new Error(`The answer was ${code}.`);
        if (code !== null) continue;
        acknowledged.add(`good-${i}`);
        bad.add(`bad-${i}`);
        break;
      }
    }
  }

  test.each(["before", "after"] as const)(
    "one at any write of staging and dead letters loses nothing that was acknowledged: fault %s its effect (invariant 1)",
    async (when) => {
      let wasHit = true;
      for (let n = 0; wasHit; n++) {
        const folder = await temporaryFolder();
        const storage = faultyStorage(localStorage(folder));
        const first = await openTestIngest({ folder, storage, now: () => NINE, pace: quickPace });
        wasHit = false;
        const fault = onNthWrite(n, () => ((wasHit = true), diskFull("EIO")));
        storage[when](fault);
        const [acknowledged, bad] = [new Set<string>(), new Set<string>()];
        await publish(first.post, acknowledged, bad);
        await first.close();

        const second = await openTestIngest({ folder, now: () => NINE, pace: quickPace });
        expect(ids(await second.rows()), `fault at write ${n}`).toEqual(expect.arrayContaining([...acknowledged]));
        const letters = second.ingest.deadLetters("pipeline_events");
        const kept = await Promise.all(letters.list(100, null).deadLetters.map(({ id }) => letters.read(id)));
        const keptIds = kept.map(({ raw }) => (JSON.parse(raw.bytes.toString()) as PipelineEvent).eventId);
        expect(keptIds, `fault at write ${n}`).toEqual(expect.arrayContaining([...bad]));
        expect(acknowledged.size).toBe(4);
        await second.close();
      }
    },
  );

  test("staged files of a commit that were not deleted are settled at the next start, and no version is there twice", async () => {
    const folder = await temporaryFolder();
    const storage = faultyStorage(localStorage(folder));
    const first = await openTestIngest({ folder, storage, now: () => NINE, pace: quickPace });
    storage.before(({ method }) => {
      if (method === "remove") throw diskFull("EROFS");
    });
    await first.post([event("a"), event("b")]);
    await until("the commit", () => first.commits.length === 1);
    await first.close();
    expect(await readdir(join(folder, "staging/pipeline_events"))).toHaveLength(1);

    const second = await openTestIngest({ folder, now: () => NINE, pace: quickPace });
    expect(ids(await second.rows())).toEqual(["a", "b"]);
    expect(await second.reader.history("a")).toHaveLength(1);
    expect(await readdir(join(folder, "staging/pipeline_events"))).toEqual([]);
  });

  test.each(["ENOSPC", "EROFS"] as const)(
    "while nothing can be written (%s) publishers are told to wait, pages read on, and all goes on afterwards",
    async (code) => {
      const folder = await temporaryFolder();
      const storage = faultyStorage(localStorage(folder));
      const { post, rows, reader, ingest } = await openTestIngest({
        folder,
        storage,
        lakeStorage: storage,
        now: () => NINE,
        pace: quickPace,
      });
      await post(event("before"));
      expect(ids(await rows())).toEqual(["before"]);
      storage.before(onWrites(() => diskFull(code)));
      expect(await codeOf(post(event("during")))).toBe("disk-full");
      const { position } = await reader.head();
      expect(await reader.statistics()).toMatchObject({ rows: 1 });
      expect((await reader.resolve({ position })).kind).toBe("head");
      storage.heal();
      await post(event("after"));
      expect(ids(await rows())).toEqual(["after", "before"]);
      expect(ingest.status("pipeline_events").state).toBe("live");
    },
  );

  test("an engine whose disk is full stalls with the reason, keeps what is staged, and goes on (invariant 7)", async () => {
    const folder = await temporaryFolder();
    const lakeStorage = faultyStorage(localStorage(folder));
    const { post, rows, ingest } = await openTestIngest({ folder, lakeStorage, now: () => NINE, pace: quickPace });
    await post(event("a"));
    await rows();
    lakeStorage.before(onWrites(diskFull));
    await post(event("b"));
    await until("the feed to stall", () => ingest.status("pipeline_events").state === "stalled");
    expect(ingest.status("pipeline_events")).toMatchObject({
      staged: { events: 1 },
      stalledReason: expect.stringMatching(/does not take writes/) as string,
    });
    lakeStorage.heal();
    expect(ids(await rows())).toEqual(["a", "b"]);
    await until("the feed to be live", () => ingest.status("pipeline_events").state === "live");
  });
});

test("a clock that steps back gives no instant that is not greater than the last", async () => {
  let now = NINE;
  const { post, rows, commits } = await openTestIngest({
    folder: await temporaryFolder(),
    now: () => now,
    pace: quickPace,
  });
  for (const step of [0, -3_600_000, -86_400_000, 5]) {
    now = NINE + step;
    await post(event(`e${step}`, { eventTimestamp: NINE - 86_400_000 }));
    await rows();
  }
  const instants = commits.map(({ instant }) => instant);
  expect(instants).toHaveLength(4);
  expect(instants).toEqual([...new Set(instants)].sort());
});

test("many publishers at once share files: fewer writes than requests, and nothing is lost", async () => {
  const folder = await temporaryFolder();
  const storage = faultyStorage(localStorage(folder));
  const { post, rows } = await openTestIngest({ folder, storage, now: () => NINE, pace: quickPace });
  await Promise.all(Array.from({ length: 200 }, (_, i) => post(event(`e-${i}`))));
  expect(storage.count("write")).toBeLessThan(100);
  expect(await rows()).toHaveLength(200);
});
