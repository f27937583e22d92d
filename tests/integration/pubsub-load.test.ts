/** Pulling from a Pub/Sub server that misbehaves: nothing that was acknowledged is lost, and it goes on by itself (invariants 1, 6). */
import { status } from "@grpc/grpc-js";
import { onTestFinished, describe, expect, test } from "vitest";
import { localStorage } from "~/lake/storage/local";
import { feedInfo, getJson } from "../support/api-client";
import { copyMadeDatabase, NODE_ARGS } from "../support/begin-with";
import { diskFull, faultyStorage, gate, isWrite, onWrites } from "../support/faulty-storage";
import { pipelineEvent } from "../support/pipeline-event";
import { ServerProcess } from "../support/server-process";
import { StreamingPullServer, type ServedMessage } from "../support/streaming-pull-server";
import { temporaryFolder } from "../support/temporary-folder";
import { startWeir } from "../support/test-pubsub";
import { until } from "../support/until";

const NINE = Date.UTC(2026, 10, 21, 9);

function message(id: string, more: Partial<ServedMessage> = {}): ServedMessage {
  return { id, data: Buffer.from(JSON.stringify(pipelineEvent({ eventId: id, eventTimestamp: NINE }))), ...more };
}

const messages = (count: number, prefix = "e") =>
  Array.from({ length: count }, (_, i) => message(`${prefix}${String(i).padStart(4, "0")}`));
const idsOf = (served: readonly ServedMessage[]) => served.map(({ id }) => id).sort();

async function served(): Promise<StreamingPullServer> {
  const server = await StreamingPullServer.start();
  onTestFinished(() => server.close());
  return server;
}

const untilAcked = (server: StreamingPullServer, count: number) =>
  until(`${count} acknowledgements`, () => server.acked.size >= count, 60_000);

test("thousands of messages are staged in the order in which they arrived, and each is acknowledged once", async () => {
  const server = await served();
  const all = messages(3_000);
  server.publish(...all);
  const weir = await startWeir(server.host);
  await untilAcked(server, all.length);
  expect(await weir.ids()).toEqual(idsOf(all));
  expect(weir.commits.flatMap(({ up }) => up.map(([id]) => id))).toEqual(all.map(({ id }) => id));
  expect({ again: server.redelivered, late: server.lateAcks }).toEqual({ again: 0, late: 0 });
  expect(weir.status()).toMatchObject({ state: "pulling", outstanding: 0, outstandingBytes: 0, oldestAt: null });
});

describe("what cannot be staged is not acknowledged", () => {
  test("while a write is slow, no more is in hand than flow control allows", async () => {
    const server = await served();
    const folder = await temporaryFolder();
    const storage = faultyStorage(localStorage(folder));
    const { interfere, open } = gate((call) => isWrite(call) && call.path.startsWith("staging/"));
    storage.before(interfere);
    server.publish(...messages(200));
    const weir = await startWeir(server.host, {
      folder,
      storage,
      puller: { limits: { maxMessages: 50, maxBytes: 1_000_000 } },
    });
    await until("the bound to be reached", () => server.held === 50, 30_000);
    await until("the first of them to be in hand", () => weir.status().oldestAt !== null, 30_000);
    expect(server.acked.size).toBe(0);
    open();
    await untilAcked(server, 200);
    expect(await weir.ids()).toHaveLength(200);
    expect(server.redelivered).toBe(0);
  });

  test("a disk that is full for a moment costs no second delivery", async () => {
    const server = await served();
    const folder = await temporaryFolder();
    const storage = faultyStorage(localStorage(folder));
    storage.before(onWrites(diskFull));
    server.publish(...messages(20));
    const weir = await startWeir(server.host, { folder, storage });
    await until("the disk to be found full", () => weir.status().state === "waiting", 30_000);
    expect(weir.status().reason).toMatch(/disk/);
    storage.heal();
    await untilAcked(server, 20);
    expect(await weir.ids()).toHaveLength(20);
    expect(server.redelivered).toBe(0);
    expect(weir.status().state).toBe("pulling");
  });

  test("when it lasts, all of it is given back, the stream is closed, and opened again when there is room", async () => {
    const server = await served();
    const folder = await temporaryFolder();
    const storage = faultyStorage(localStorage(folder));
    storage.before(onWrites(diskFull));
    server.publish(...messages(20));
    const weir = await startWeir(server.host, { folder, storage, puller: { holdMs: 300 } });
    await until("messages to be given back", async () => (await weir.count("nacked")) >= 20, 30_000);
    storage.heal();
    await untilAcked(server, 20);
    expect(server.streamsOpened).toBeGreaterThan(1);
    expect(await weir.ids()).toEqual(idsOf(messages(20)));
    expect(await weir.count("redelivered")).toBeGreaterThanOrEqual(20);
  });
});

describe("a server that is not well", () => {
  test.each([
    ["UNAVAILABLE", status.UNAVAILABLE],
    ["INTERNAL", status.INTERNAL],
    ["its normal end", status.OK],
    ["UNKNOWN", status.UNKNOWN],
  ])("closes streams with %s, and pulling goes on", async (_name, code) => {
    const server = await served();
    const weir = await startWeir(server.host);
    server.publish(...messages(10, "before"));
    await untilAcked(server, 10);
    server.endStreams(code, "gone for a while");
    server.publish(...messages(10, "after"));
    await untilAcked(server, 20);
    expect(await weir.ids()).toHaveLength(20);
    expect(weir.status().state).toBe("pulling");
  });

  test.each([
    ["missing", status.NOT_FOUND],
    ["failing", status.PERMISSION_DENIED],
  ])("refuses the subscription: pulling says %s, asks again, and begins when it is there", async (state, code) => {
    const server = await served();
    server.refusal = { code, details: "Resource not found (resource=events-weir)." };
    server.publish(message("a"));
    const weir = await startWeir(server.host);
    await until("the refusal", () => weir.status().state === state, 30_000);
    expect(weir.status().reason).toMatch(/not found/i);
    await until("it to ask again", () => server.streamsOpened > 1, 30_000);
    server.refusal = null;
    await untilAcked(server, 1);
    expect(await weir.ids()).toEqual(["a"]);
    await until("it to be pulling", () => weir.status().state === "pulling", 30_000);
  });

  test("stalls, and what is published meanwhile arrives later", async () => {
    const server = await served();
    const weir = await startWeir(server.host);
    server.publish(message("a"));
    await untilAcked(server, 1);
    server.isStalled = true;
    server.publish(...messages(5));
    server.resume();
    await untilAcked(server, 6);
    expect(await weir.ids()).toHaveLength(6);
  });

  test("delivers twice: the table has each version once (invariant 2)", async () => {
    const server = await served();
    const weir = await startWeir(server.host);
    const some = messages(50);
    server.publish(...some, ...some);
    await until("all deliveries", async () => (await weir.count("acked")) >= 100, 30_000);
    server.repeat(...some);
    await until("all deliveries", async () => (await weir.count("acked")) >= 150, 30_000);
    expect(await weir.ids()).toEqual(idsOf(some));
    expect(weir.commits.flatMap(({ up }) => up)).toHaveLength(50);
    expect(await weir.count("redelivered")).toBe(100);
  });
});

test("acknowledgements that are too late: the messages come again, and the table has each once (invariant 2)", async () => {
  const server = await served();
  const folder = await temporaryFolder();
  const storage = faultyStorage(localStorage(folder));
  const { interfere, open } = gate((call) => isWrite(call) && call.path.startsWith("staging/"));
  storage.before(interfere);
  const some = messages(20);
  server.publish(...some);
  const weir = await startWeir(server.host, { folder, storage });
  await until("messages to be in hand", () => weir.status().outstanding === 20, 30_000);
  server.expireLeases();
  await until("them to be delivered again", () => weir.status().outstanding === 40, 30_000);
  open();
  await untilAcked(server, 20);
  await until("the late ones to arrive", () => server.lateAcks === 20, 30_000);
  expect(await weir.ids()).toEqual(idsOf(some));
  expect(weir.commits.flatMap(({ up }) => up)).toHaveLength(20);
  expect(await weir.count("redelivered")).toBe(20);
});

describe("an exactly-once subscription", () => {
  test("whose acknowledgements fail for a moment gets them again", async () => {
    const server = await served();
    server.isExactlyOnce = true;
    let faults = 3;
    server.ackFault = () => (faults-- > 0 ? "TRANSIENT_FAILURE_SERVICE_UNAVAILABLE" : null);
    server.publish(...messages(10));
    const weir = await startWeir(server.host);
    await untilAcked(server, 10);
    expect(await weir.ids()).toHaveLength(10);
    const settled = async () => (await weir.count("acked")) + (await weir.count("ack_failed"));
    await until("all to be counted", async () => (await settled()) === 10, 30_000);
    expect(server.redelivered).toBe(0);
  });

  test("that refuses an acknowledgement for good delivers again, and nothing is there twice", async () => {
    const server = await served();
    server.isExactlyOnce = true;
    const refused = new Set(["e0003"]);
    server.ackFault = (id) => (refused.delete(id) ? "PERMANENT_FAILURE_INVALID_ACK_ID" : null);
    const all = messages(10);
    server.publish(...all);
    const weir = await startWeir(server.host);
    await until("the refusal to be counted", async () => (await weir.count("ack_failed")) > 0, 30_000);
    server.repeat(all[3]!);
    await untilAcked(server, 10);
    expect(await weir.ids()).toEqual(idsOf(all));
  });
});

describe("when Weir stops", () => {
  test("what is in hand is staged and acknowledged, and nothing more is taken", async () => {
    const server = await served();
    const folder = await temporaryFolder();
    const storage = faultyStorage(localStorage(folder));
    const { interfere, open } = gate((call) => isWrite(call) && call.path.startsWith("staging/"));
    storage.before(interfere);
    const all = messages(30);
    server.publish(...all);
    const weir = await startWeir(server.host, { folder, storage });
    await until("messages to be in hand", () => weir.status().outstanding === 30, 30_000);
    const closed = weir.close();
    server.publish(message("too-late"));
    open();
    await closed;
    expect(idsOf([...server.acked].map((id) => message(id)))).toEqual(idsOf(all));
    const again = await startWeir(server.host, { folder });
    await untilAcked(server, 31);
    expect(await again.ids()).toHaveLength(31);
  });

  test("what cannot be staged within the bound is given back", async () => {
    const server = await served();
    const folder = await temporaryFolder();
    const storage = faultyStorage(localStorage(folder));
    storage.before(onWrites(diskFull));
    server.publish(...messages(30));
    const weir = await startWeir(server.host, { folder, storage, puller: { drainMs: 2_000 } });
    await until("messages to be in hand", () => weir.status().outstanding === 30, 30_000);
    await weir.close();
    await until("messages to be given back", () => server.available === 30, 5_000);
    expect(server.acked.size).toBe(0);
  });
});

test("killed between staging and acknowledging, Weir has each version once when they come again (invariants 1, 2)", async () => {
  const server = await served();
  server.losesAcks = true;
  const all = messages(200);
  server.publish(...all);
  const dataDir = await temporaryFolder();
  await copyMadeDatabase(dataDir);
  const options = {
    dataDir,
    nodeArgs: NODE_ARGS,
    env: {
      PUBSUB_EMULATOR_HOST: server.host,
      WEIR_PUBSUB_PROJECT: "weir-test",
      WEIR_PUBSUB_SUBSCRIPTIONS: "pipeline_events=events-weir",
    },
  };
  const first = await ServerProcess.start(options);
  await until("all to be in the table", async () => (await feedInfo(first.address)).rows === all.length, 60_000);
  await first.kill();
  server.losesAcks = false;
  server.expireLeases();
  const second = await ServerProcess.start(options);
  onTestFinished(() => second.kill());
  await untilAcked(server, all.length);
  await until("all to be committed", async () => (await feedInfo(second.address)).staged.events === 0, 60_000);
  expect((await feedInfo(second.address)).rows).toBe(all.length);
  const history = `/api/v1/feeds/pipeline_events/history/${all[7]!.id}`;
  expect((await getJson<{ versions: unknown[] }>(second.address, history)).versions).toHaveLength(1);
  expect(await second.stop()).toBe(0);
});
