/** From Pub/Sub to the tables, against Google's own test server: what is acknowledged is kept, what is not comes again. */
import avro from "avsc";
import { describe, expect, test } from "vitest";
import { schemaFingerprint } from "~/ingest/avro/fingerprint";
import { setUpPubsub } from "~/ingest/pubsub/setup";
import { localStorage } from "~/lake/storage/local";
import { encodeContainer } from "../support/avro-container";
import { diskFull, faultyStorage, onWrites } from "../support/faulty-storage";
import { pipelineEvent, type PipelineEvent } from "../support/pipeline-event";
import { pipelineFeed } from "../support/pipeline-feed";
import { temporaryFolder } from "../support/temporary-folder";
import { openTestPubsub, pubsubServer, startWeir, SUBSCRIPTION } from "../support/test-pubsub";
import { until } from "../support/until";

const NINE = Date.UTC(2026, 10, 21, 9);
const event = (eventId: string, more: Partial<PipelineEvent> = {}) =>
  pipelineEvent({ eventId, eventTimestamp: NINE, ...more });
const json = (value: unknown) => ({ data: Buffer.from(JSON.stringify(value)) });
const type = avro.Type.forSchema(pipelineFeed.schema as avro.Schema);

function singleObject(value: PipelineEvent): Buffer {
  const header = Buffer.from([0xc3, 0x01, 0, 0, 0, 0, 0, 0, 0, 0]);
  header.writeBigUInt64LE(schemaFingerprint(pipelineFeed.schema), 2);
  return Buffer.concat([header, type.toBuffer(value)]);
}

test("every encoding is read, and its messages are acknowledged once they are staged (invariant 1)", async (context) => {
  const pubsub = await openTestPubsub(context);
  const schema = "projects/weir-test/schemas/events";
  const revision = { googclient_schemaname: schema, googclient_schemarevisionid: "ab12cd34" };
  await pubsub.publish(
    json(event("json")),
    json([event("list-1"), event("list-2")]),
    { data: await encodeContainer([event("file-1"), event("file-2")]) },
    { data: singleObject(event("single")) },
    { data: type.toBuffer(event("bare")), attributes: { googclient_schemaencoding: "BINARY", ...revision } },
    {
      ...json({ ...event("avro-json"), errorMessage: { string: "x" } }),
      attributes: { googclient_schemaencoding: "JSON", ...revision },
    },
  );
  const weir = await pubsub.startWeir();
  await weir.untilCounted("acked", 6);
  expect(await weir.ids()).toEqual(
    ["avro-json", "bare", "file-1", "file-2", "json", "list-1", "list-2", "single"].sort(),
  );
  expect(weir.deadLetters()).toEqual([]);
  await weir.close();
  expect(await pubsub.available()).toEqual([]);
});

test("a schema that Pub/Sub keeps is asked for, and messages of its revisions are read with it", async (context) => {
  const pubsub = await openTestPubsub(context);
  const { fields, ...record } = pipelineFeed.schema as { fields: object[] };
  const older = { ...record, fields: [fields[9], ...fields.slice(0, 9)] };
  const schema = await pubsub.pubsub.createSchema("events", "AVRO", JSON.stringify(older));
  const { revisionId } = await schema.get("FULL");
  const attributes = {
    googclient_schemaencoding: "BINARY",
    googclient_schemaname: await schema.getName(),
    googclient_schemarevisionid: revisionId!,
  };
  await pubsub.publish({ data: avro.Type.forSchema(older as avro.Schema).toBuffer(event("older")), attributes });
  const weir = await pubsub.startWeir();
  await weir.untilCounted("acked", 1);
  expect(await weir.ids()).toEqual(["older"]);
});

test("messages of one ordering key are staged in the order in which they were published", async (context) => {
  const pubsub = await openTestPubsub(context, { enableMessageOrdering: true });
  const keys = ["a", "b", "c"];
  const numbers = Array.from({ length: 20 }, (_, i) => i);
  await pubsub.publish(
    ...numbers.flatMap((n) =>
      keys.map((orderingKey) => ({ ...json(event(`${orderingKey}-${String(n).padStart(2, "0")}`)), orderingKey })),
    ),
  );
  const weir = await pubsub.startWeir();
  await weir.untilCounted("acked", 60);
  await weir.rows();
  const arrived = weir.commits.flatMap(({ up }) => up.map(([id]) => String(id)));
  expect(arrived).toHaveLength(60);
  for (const key of keys) {
    const ofKey = arrived.filter((id) => id.startsWith(key));
    expect(ofKey).toEqual(ofKey.toSorted());
  }
});

describe("a message that cannot be read", () => {
  const poison = { data: Buffer.from("no event") };

  test("is a dead letter at once where Pub/Sub does not count deliveries, and is acknowledged", async (context) => {
    const pubsub = await openTestPubsub(context);
    await pubsub.publish(poison, json(event("a")));
    const weir = await pubsub.startWeir();
    await weir.untilCounted("acked", 2);
    expect(weir.deadLetters()).toMatchObject([{ source: expect.stringMatching(/^pubsub \S+$/) as string, bytes: 8 }]);
    expect(await weir.count("nacked")).toBe(0);
    expect(await weir.ids()).toEqual(["a"]);
  });

  test("comes again until the stated number of deliveries, and then is one of Weir's, not of Pub/Sub's", async (context) => {
    const pubsub = await openTestPubsub(context, { maxDeliveryAttempts: 20 });
    await pubsub.publish(poison, json(event("a")));
    const weir = await pubsub.startWeir({ attempts: 3 });
    await weir.untilCounted("acked", 2);
    expect(await weir.count("nacked")).toBe(2);
    expect(await weir.count("redelivered")).toBe(2);
    expect(weir.deadLetters()).toHaveLength(1);
    await weir.close();
    expect(await pubsub.deadLetters()).toEqual([]);
  });

  test("under an ordering key is a dead letter at once: it would hold up all that follow it", async (context) => {
    const pubsub = await openTestPubsub(context, { enableMessageOrdering: true, maxDeliveryAttempts: 20 });
    const orderingKey = "a";
    await pubsub.publish({ ...poison, orderingKey }, { ...json(event("a")), orderingKey });
    const weir = await pubsub.startWeir();
    await weir.untilCounted("acked", 2);
    expect(await weir.count("nacked")).toBe(0);
    expect(weir.deadLetters()).toHaveLength(1);
    expect(await weir.ids()).toEqual(["a"]);
  });
});

test("a full staging area leaves messages with Pub/Sub; they come when there is room (invariants 1, 6)", async (context) => {
  const pubsub = await openTestPubsub(context);
  const folder = await temporaryFolder();
  const storage = faultyStorage(localStorage(folder));
  storage.before(onWrites(diskFull));
  const weir = await pubsub.startWeir({ folder, storage, puller: { holdMs: 200 } });
  await pubsub.publish(json(event("a")), json(event("b")));
  await weir.untilCounted("nacked", 2);
  expect(await weir.count("acked")).toBe(0);
  await pubsub.publish(json(event("c"))); // publishers do not notice
  storage.heal();
  await weir.untilCounted("acked", 3);
  expect(await weir.ids()).toEqual(["a", "b", "c"]);
});

test("a subscription that is not there is told, and pulled once it was set up", async (context) => {
  const host = await pubsubServer(context);
  const weir = await startWeir(host);
  await until("the subscription to be missed", () => weir.status().state === "missing", 30_000);
  const wanted = [{ feed: "pipeline_events", topic: "events", subscription: SUBSCRIPTION }];
  await setUpPubsub({ project: "weir-test", emulatorHost: host }, wanted, false);
  await until("it to be pulled", () => weir.status().state === "pulling", 60_000);
});

describe("weir pubsub setup", () => {
  const wanted = [{ feed: "pipeline_events", topic: "events", subscription: SUBSCRIPTION }];
  const whats = [
    "topic events",
    "topic events-dead-letter",
    "subscription events-dead-letter",
    "subscription events-weir",
  ];

  test("says what it would do, does it, and does nothing the second time", async (context) => {
    const address = { project: "weir-test", emulatorHost: await pubsubServer(context) };
    const states = async (isDryRun: boolean) => {
      const steps = await setUpPubsub(address, wanted, isDryRun);
      expect(steps.map(({ what }) => what)).toEqual(whats);
      return steps.map(({ state }) => state);
    };
    const all = (state: string) => whats.map(() => state);
    expect(await states(true)).toEqual(all("would be created"));
    expect(await states(true)).toEqual(all("would be created"));
    expect(await states(false)).toEqual(all("created"));
    expect(await states(false)).toEqual(all("exists"));
    expect((await setUpPubsub(address, wanted, false)).flatMap(({ notes }) => notes)).toEqual([]);
  });

  test("leaves a subscription that has other settings as it is, and tells them", async (context) => {
    const pubsub = await openTestPubsub(context);
    const address = { project: "weir-test", emulatorHost: pubsub.host };
    const steps = await setUpPubsub(address, wanted, false);
    const step = steps.find(({ what }) => what === "subscription events-weir")!;
    expect(step.state).toBe("exists");
    expect(step.notes).toContain("time to acknowledge is 10 s; recommended: 60 s");
    const [found] = await pubsub.pubsub.subscription(SUBSCRIPTION).getMetadata();
    expect(found.ackDeadlineSeconds).toBe(10);
  });

  test("tells what Pub/Sub says when it cannot be reached", async () => {
    const address = { project: "weir-test", emulatorHost: "127.0.0.1:1" };
    await expect(setUpPubsub(address, wanted, true)).rejects.toMatchObject({ code: "engine-unavailable" });
  });
});
