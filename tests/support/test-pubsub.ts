/** A topic and a subscription on Google's own test server, and ingest that pulls from it into real tables. */
import { PubSub, type CreateSubscriptionOptions, type Topic, v1 } from "@google-cloud/pubsub";
import { PassThroughClient } from "google-auth-library";
import { Registry } from "prom-client";
import { onTestFinished, type TestContext } from "vitest";
import { openPubsub } from "~/ingest/pubsub/open-pubsub";
import type { PubsubPullOptions } from "~/ingest/pubsub/pubsub-pull";
import { startPubsub } from "../../scripts/pubsub.mjs";
import { openTestIngest, type TestIngestOptions } from "./test-ingest";
import { orSkip } from "./or-skip";
import { silentLog } from "./test-log";
import { temporaryFolder } from "./temporary-folder";
import { until } from "./until";

export const FEED = "pipeline_events";
const PROJECT = "weir-test";
export const SUBSCRIPTION = "events-weir";
const NINE = Date.UTC(2026, 10, 21, 9);

/** A server for one test. Ends the test where there is no Go, except in CI, where it must be. */
export async function pubsubServer(context: TestContext): Promise<string> {
  const { host, stop } = await orSkip(context, "Pub/Sub", startPubsub);
  onTestFinished(stop);
  return host;
}

export interface Message {
  data: Buffer;
  attributes?: Record<string, string>;
  orderingKey?: string;
}

export type SubscriptionSettings = Omit<CreateSubscriptionOptions, "deadLetterPolicy"> & {
  /** Gives the subscription a dead-letter topic. */
  maxDeliveryAttempts?: number;
};

export async function openTestPubsub(context: TestContext, settings: SubscriptionSettings = {}) {
  const host = await pubsubServer(context);
  const pubsub = new PubSub({
    projectId: PROJECT,
    apiEndpoint: host,
    emulatorMode: true,
    authClient: new PassThroughClient(),
  });
  onTestFinished(() => pubsub.close());
  const [topic] = await pubsub.createTopic("events");
  const { maxDeliveryAttempts, ...plain } = settings;
  await topic.createSubscription(SUBSCRIPTION, {
    ackDeadlineSeconds: 10,
    ...plain,
    ...(maxDeliveryAttempts !== undefined && (await deadLetterPolicy(pubsub, maxDeliveryAttempts))),
  });
  return {
    host,
    pubsub,
    topic,
    publish: (...messages: Message[]) => publishInOrder(topic, messages),
    /** What Pub/Sub would deliver now: what was given back, not what somebody holds. */
    available: () => pullNow(host, SUBSCRIPTION),
    deadLetters: () => pullNow(host, "events-dead"),
    startWeir: (options: WeirOptions = {}) => startWeir(host, options),
  };
}

async function deadLetterPolicy(pubsub: PubSub, maxDeliveryAttempts: number) {
  const [dead] = await pubsub.createTopic("events-dead");
  await dead.createSubscription("events-dead");
  return { deadLetterPolicy: { deadLetterTopic: dead.name, maxDeliveryAttempts } };
}

async function publishInOrder(topic: Topic, messages: readonly Message[]): Promise<void> {
  topic.setPublishOptions({ messageOrdering: messages.some(({ orderingKey }) => orderingKey !== undefined) });
  await Promise.all(messages.map((message) => topic.publishMessage(message)));
}

async function pullNow(host: string, subscription: string): Promise<Buffer[]> {
  const [servicePath, port] = host.split(":");
  const { credentials } = await import("@grpc/grpc-js");
  const client = new v1.SubscriberClient({
    servicePath: servicePath!,
    port: Number(port),
    sslCreds: credentials.createInsecure(),
    authClient: new PassThroughClient(),
  });
  try {
    const name = `projects/${PROJECT}/subscriptions/${subscription}`;
    const [{ receivedMessages }] = await client.pull({
      subscription: name,
      maxMessages: 1_000,
      returnImmediately: true,
    });
    return (receivedMessages ?? []).map(({ message }) => message!.data as Buffer);
  } finally {
    await client.close();
  }
}

export type WeirOptions = Partial<TestIngestOptions> & {
  attempts?: number;
  puller?: NonNullable<PubsubPullOptions["puller"]>;
};

/** Ingest as the app joins it, pulling. */
export async function startWeir(host: string, options: WeirOptions = {}) {
  const { attempts = 5, puller, ...given } = options;
  const config = { project: PROJECT, emulatorHost: host, attempts, push: null };
  const subscriptions = [{ feed: FEED, subscription: SUBSCRIPTION }];
  const opened = (await openPubsub({ ...config, subscriptions }, silentLog))!;
  const metrics = new Registry();
  const folder = given.folder ?? (await temporaryFolder());
  const { schemaRevisions } = opened;
  const ingest = await openTestIngest({ now: () => NINE, ...given, folder, metrics, schemaRevisions });
  const clock = { now: () => Date.now() };
  const pull = opened.start({ ingest: ingest.ingest, clock, metrics, ...(puller && { puller }) });
  let isOpen = true;
  const close = async () => {
    if (!isOpen) return;
    isOpen = false;
    await pull.close();
    await ingest.close();
    await opened.client.close();
  };
  onTestFinished(close);
  const count = async (name: string): Promise<number> => {
    const metric = await metrics.getSingleMetric(`weir_pubsub_${name}_total`)!.get();
    return metric.values.reduce((sum, { value }) => sum + value, 0);
  };
  return {
    ...ingest,
    folder,
    pull,
    close,
    count,
    async untilCounted(name: string, wanted: number): Promise<void> {
      await until(`${wanted} messages to be ${name}`, async () => (await count(name)) >= wanted, 30_000);
    },
    status: () => pull.statuses()[0]!,
    deadLetters: () => ingest.ingest.deadLetters(FEED).list(1_000, null).deadLetters,
    ids: async () => (await ingest.rows()).map((row) => row["eventId"]).sort(),
  };
}
