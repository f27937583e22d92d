/**
 * Topic, subscription and dead-letter topic of a feed, with the settings that Weir works best with. Only `weir pubsub setup`
 * does this: a server that starts creates nothing. What exists is left as it is; where it differs, that is told.
 */
import { PubSub, type CreateSubscriptionOptions, type protos } from "@google-cloud/pubsub";
import { PassThroughClient } from "google-auth-library";
import { AppError } from "../../model/app-error";
import type { PubsubAddress } from "./pull-client";

export interface WantedFeed {
  feed: string;
  topic: string;
  subscription: string;
}

export interface SetupStep {
  /** `topic events`, `subscription events-weir`. */
  what: string;
  state: "exists" | "created" | "would be created";
  /** What is set, or what differs, one sentence each. */
  notes: string[];
}

type Subscription = protos.google.pubsub.v1.ISubscription;

const DAY_S = 86_400;
const CALL = { timeout: 10_000 };
const NOT_FOUND = 5;
const ALREADY_EXISTS = 6;

/**
 * - 60 s to acknowledge: a process that dies gives its messages back within a minute, and one that is slow for a moment does
 *   not. While Weir runs it extends the leases by itself.
 * - Ordering on: it cannot be turned on later, and costs nothing where messages have no key.
 * - Exactly-once off: the log drops versions that it has, so a repeated delivery changes nothing, and exactly-once
 *   acknowledgements are slower and dearer.
 * - Never expires: a feed may be silent for a month.
 * - 20 deliveries, then the dead-letter topic: more than Weir makes of a message that it cannot read (5), so that Weir's own
 *   dead letters, which name the reason, come first, and the topic holds only what Weir could not even refuse.
 */
export const RECOMMENDED = {
  ackDeadlineSeconds: 60,
  messageRetentionDuration: { seconds: 7 * DAY_S },
  retainAckedMessages: false,
  enableMessageOrdering: true,
  enableExactlyOnceDelivery: false,
  expirationPolicy: {},
  retryPolicy: { minimumBackoff: { seconds: 1 }, maximumBackoff: { seconds: 60 } },
} as const;
export const MAX_DELIVERY_ATTEMPTS = 20;

/** Does it, or with `isDryRun` only says what it would do. @throws AppError engine-unavailable with what Pub/Sub said */
export async function setUpPubsub(
  { project, emulatorHost }: PubsubAddress,
  feeds: readonly WantedFeed[],
  isDryRun: boolean,
): Promise<SetupStep[]> {
  const emulator = emulatorHost !== null && {
    apiEndpoint: emulatorHost,
    emulatorMode: true,
    authClient: new PassThroughClient(),
  };
  const pubsub = new PubSub({ projectId: project, ...emulator });
  const steps: SetupStep[] = [];
  try {
    for (const { topic, subscription } of feeds) {
      const dead = `${topic}-dead-letter`;
      steps.push(await ensureTopic(pubsub, topic, isDryRun));
      steps.push(await ensureTopic(pubsub, dead, isDryRun));
      // Without a subscription of its own the dead-letter topic would keep nothing.
      steps.push(await ensureSubscription(pubsub, dead, dead, keepingOptions(), isDryRun));
      steps.push(await ensureSubscription(pubsub, topic, subscription, pullOptions(pubsub, dead), isDryRun));
    }
    return steps;
  } finally {
    await pubsub.close();
  }
}

function pullOptions(pubsub: PubSub, dead: string): Subscription {
  const deadLetterTopic = `projects/${pubsub.projectId}/topics/${dead}`;
  return { ...RECOMMENDED, deadLetterPolicy: { deadLetterTopic, maxDeliveryAttempts: MAX_DELIVERY_ATTEMPTS } };
}

function keepingOptions(): Subscription {
  const { messageRetentionDuration, expirationPolicy } = RECOMMENDED;
  return { messageRetentionDuration, expirationPolicy, ackDeadlineSeconds: RECOMMENDED.ackDeadlineSeconds };
}

async function ensureTopic(pubsub: PubSub, name: string, isDryRun: boolean): Promise<SetupStep> {
  const what = `topic ${name}`;
  const found = await orNull(what, pubsub.topic(name).getMetadata(CALL), NOT_FOUND);
  if (found !== null) return { what, state: "exists", notes: [] };
  if (isDryRun) return { what, state: "would be created", notes: [] };
  const created = await orNull(what, pubsub.topic(name).create(CALL), ALREADY_EXISTS);
  return { what, state: created === null ? "exists" : "created", notes: [] };
}

async function ensureSubscription(
  pubsub: PubSub,
  topic: string,
  name: string,
  options: Subscription,
  isDryRun: boolean,
): Promise<SetupStep> {
  const what = `subscription ${name}`;
  const subscription = pubsub.subscription(name);
  const found = await orNull(what, subscription.getMetadata(CALL), NOT_FOUND);
  if (found !== null) return { what, state: "exists", notes: differences(found[0], pubsub.topic(topic).name, options) };
  const notes = [`of topic ${topic}`, ...settings(options).map(([setting, value]) => `${setting}: ${value}`)];
  if (isDryRun) return { what, state: "would be created", notes };
  const made = pubsub
    .topic(topic)
    .createSubscription(name, { ...(options as CreateSubscriptionOptions), gaxOpts: CALL });
  const created = await orNull(what, made, ALREADY_EXISTS);
  return { what, state: created === null ? "exists" : "created", notes };
}

function differences(found: Subscription, topic: string, wanted: Subscription): string[] {
  const has = new Map(settings(found));
  const notes = settings(wanted).flatMap(([setting, value]) =>
    has.get(setting) === value ? [] : [`${setting} is ${has.get(setting) ?? "not set"}; recommended: ${value}`],
  );
  return found.topic === topic ? notes : [`it belongs to ${found.topic}, not to ${topic}`, ...notes];
}

/** What counts, as words that can be compared and read. */
function settings(of: Subscription): [string, string][] {
  const lines: [string, string | null | undefined][] = [
    ["time to acknowledge", typeof of.ackDeadlineSeconds === "number" ? `${of.ackDeadlineSeconds} s` : null],
    ["messages are kept for", of.messageRetentionDuration ? seconds(of.messageRetentionDuration) : null],
    ["message ordering", onOff(of.enableMessageOrdering)],
    ["exactly-once delivery", onOff(of.enableExactlyOnceDelivery)],
    [
      "expires",
      of.expirationPolicy && (of.expirationPolicy.ttl ? `after ${seconds(of.expirationPolicy.ttl)}` : "never"),
    ],
    [
      "delivered again after",
      of.retryPolicy
        ? `${seconds(of.retryPolicy.minimumBackoff)} to ${seconds(of.retryPolicy.maximumBackoff)}`
        : undefined,
    ],
    [
      "dead letters",
      of.deadLetterPolicy
        ? `to ${of.deadLetterPolicy.deadLetterTopic} after ${of.deadLetterPolicy.maxDeliveryAttempts} deliveries`
        : undefined,
    ],
  ];
  return lines.filter((line): line is [string, string] => typeof line[1] === "string");
}

/** A duration of a protocol buffer, whose seconds may be a number, a text or an object of 64 bits. */
function seconds(duration: unknown): string {
  const count = Number((duration as { seconds?: unknown } | null | undefined)?.seconds ?? 0);
  return count > 0 && count % DAY_S === 0 ? `${count / DAY_S} d` : `${count} s`;
}

const onOff = (flag: boolean | null | undefined) => (typeof flag === "boolean" ? (flag ? "on" : "off") : undefined);

/** Null when Pub/Sub answers with this code. @throws AppError engine-unavailable for any other fault */
async function orNull<T>(what: string, call: Promise<T>, code: number): Promise<T | null> {
  try {
    return await call;
  } catch (error) {
    if ((error as { code?: number }).code === code) return null;
    const reason = error instanceof Error ? error.message : String(error);
    throw new AppError("engine-unavailable", `Pub/Sub says of the ${what}: ${reason}`, {}, { cause: error });
  }
}
