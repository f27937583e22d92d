/** The publisher over Pub/Sub, against Google's own test server, into a Weir that pulls. */
import { expect, it } from "vitest";
import { createPublisher } from "~/publisher/publisher";
import { pipelineEvent } from "../support/pipeline-event";
import { temporaryFolder } from "../support/temporary-folder";
import { openTestPubsub } from "../support/test-pubsub";
import { until } from "../support/until";

const NINE = Date.UTC(2026, 10, 21, 9);
const events = Array.from({ length: 1_200 }, (_, i) =>
  pipelineEvent({ eventId: `p${i}`, correlationId: `batch-${i % 3}`, eventTimestamp: NINE - i }),
);

it("publishes over Pub/Sub what Weir then pulls, each event once", async (context) => {
  const { host, startWeir } = await openTestPubsub(context);
  const weir = await startWeir();
  const publisher = await createPublisher({
    pubsub: { projectId: "weir-test", topic: "events", apiEndpoint: host, orderingField: "correlationId" },
    feed: "pipeline_events",
  });
  const outcomes = await Promise.all(events.map((event) => publisher.publish(event)));
  await publisher.close();
  expect(new Set(outcomes.map(({ state }) => state))).toEqual(new Set(["acknowledged"]));
  const wanted = events.map(({ eventId }) => eventId).sort();
  await until("all of them to be in the table", async () => (await weir.ids()).length === wanted.length, 30_000);
  expect(await weir.ids()).toEqual(wanted);
});

it("is told that a topic is not there, and spools while Pub/Sub is away", async (context) => {
  const { host } = await openTestPubsub(context);
  const stranger = await createPublisher({
    pubsub: { projectId: "weir-test", topic: "nope", apiEndpoint: host },
    feed: "pipeline_events",
    spool: await temporaryFolder(),
  });
  expect(await stranger.publish(events[0]!)).toMatchObject({
    state: "rejected",
    reason: expect.stringContaining("projects/weir-test/topics/nope") as string,
  });
  await stranger.close();

  const away = await createPublisher({
    pubsub: { projectId: "weir-test", topic: "events", apiEndpoint: "127.0.0.1:9" },
    feed: "pipeline_events",
    spool: await temporaryFolder(),
    tries: 1,
    requestTimeoutMs: 2_000,
  });
  expect((await away.publish(events[0]!)).state).toBe("spooled");
  await away.close();
});
