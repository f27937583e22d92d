/** From Pub/Sub to the tables, against Google's own test server: what is acknowledged is kept, what is not comes again. */
import { expect, test } from "vitest";
import { pipelineEvent, type PipelineEvent } from "../support/pipeline-event";
import { openTestPubsub } from "../support/test-pubsub";

const NINE = Date.UTC(2026, 10, 21, 9);
const event = (eventId: string, more: Partial<PipelineEvent> = {}) =>
  pipelineEvent({ eventId, eventTimestamp: NINE, ...more });
const json = (value: unknown) => ({ data: Buffer.from(JSON.stringify(value)) });

test("an event that is published is in the table, and its message is acknowledged", async (context) => {
  const pubsub = await openTestPubsub(context);
  await pubsub.publish(json(event("a")));
  const weir = await pubsub.startWeir();
  await weir.untilCounted("acked", 1);
  expect(await weir.ids()).toEqual(["a"]);
  await weir.close();
  expect(await pubsub.available()).toEqual([]);
});
