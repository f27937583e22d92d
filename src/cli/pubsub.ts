/** `weir pubsub setup`: creates what pulling needs, and says what it does. */
import { parseArgs } from "node:util";
import { readConfig, type PubsubConfig } from "../config";
import { loadFeeds } from "../feeds/load-feeds";
import type { SetupStep, WantedFeed } from "../ingest/pubsub/setup";
import { UsageError } from "./usage";

const TOPIC = /^([^=\s]+)=([A-Za-z][\w.~+%-]{2,254})$/;

/** Resolves with the exit code. */
export async function pubsub([verb, ...args]: readonly string[]): Promise<number> {
  if (verb !== "setup")
    throw new UsageError(`weir pubsub has no command ${JSON.stringify(verb ?? "")}; there is setup.`);
  const { isDryRun, topics } = readArguments(args);
  const config = readConfig();
  const { project, emulatorHost } = config.pubsub;
  if (project === null) throw new UsageError("weir pubsub setup needs WEIR_PUBSUB_PROJECT, the project to set up.");
  const known = (await loadFeeds(config.avroDir)).map(({ name }) => name);
  const feeds = wantedFeeds(config.pubsub, topics, known);
  const { setUpPubsub } = await import("../ingest/pubsub/setup");
  for (const step of await setUpPubsub({ project, emulatorHost }, feeds, isDryRun)) write(step);
  if (emulatorHost === null) process.stdout.write(`\n${RIGHTS}`);
  return 0;
}

/** A subscription of one feed; its topic has the feed's name unless told otherwise. */
function wantedFeeds(
  { subscriptions }: PubsubConfig,
  topics: ReadonlyMap<string, string>,
  known: readonly string[],
): WantedFeed[] {
  if (subscriptions.length === 0)
    throw new UsageError(
      'weir pubsub setup needs WEIR_PUBSUB_SUBSCRIPTIONS, such as "pipeline_events=weir-pipeline-events".',
    );
  const named = [...topics.keys(), ...subscriptions.map(({ feed }) => feed)];
  const unknown = named.find((feed) => !known.includes(feed));
  if (unknown !== undefined)
    throw new UsageError(`There is no feed ${JSON.stringify(unknown)}: there are ${known.join(", ")}.`);
  return subscriptions.map(({ feed, subscription }) => ({ feed, subscription, topic: topics.get(feed) ?? feed }));
}

function readArguments(args: readonly string[]) {
  const options = { "dry-run": { type: "boolean" }, topic: { type: "string", multiple: true } } as const;
  let values;
  try {
    ({ values } = parseArgs({ args: [...args], options }));
  } catch (error) {
    throw new UsageError(`weir pubsub setup: ${(error as Error).message}`);
  }
  const topics = (values.topic ?? []).map((text): [string, string] => {
    const [, feed, topic] = TOPIC.exec(text) ?? [];
    if (feed === undefined) throw new UsageError(`--topic must be FEED=TOPIC (it is ${JSON.stringify(text)}).`);
    return [feed, topic!];
  });
  return { isDryRun: values["dry-run"] ?? false, topics: new Map(topics) };
}

function write({ what, state, notes }: SetupStep): void {
  process.stdout.write(`${state.padEnd(16)} ${what}\n`);
  for (const note of notes) process.stdout.write(`${" ".repeat(19)}${note}\n`);
}

const RIGHTS = `Who runs Weir needs roles/pubsub.subscriber on the subscription (and roles/pubsub.viewer to read schemas of topics).
For dead letters, Pub/Sub's own service agent (service-PROJECT_NUMBER@gcp-sa-pubsub.iam.gserviceaccount.com) needs
roles/pubsub.publisher on the dead-letter topic and roles/pubsub.subscriber on the subscription.
`;
