/** Pub/Sub as the configuration asks for it. The client library takes a while to load, so only who needs it loads it. */
import type { Logger } from "pino";
import type { PubsubConfig } from "../../config";
import { realPace } from "../pace";
import type { SchemaRevisions } from "./decode-message";
import type { PullClient } from "./pull-client";
import { PubsubPull, type PubsubPullOptions } from "./pubsub-pull";
import type { CheckPushToken } from "./push-token";
import { schemaRevisions } from "./schema-revisions";

export interface OpenPubsub {
  client: PullClient;
  schemaRevisions: SchemaRevisions;
  start(parts: Pick<PubsubPullOptions, "ingest" | "clock" | "metrics" | "puller">): PubsubPull;
}

/** Null when nothing is to be pulled. */
export async function openPubsub(config: PubsubConfig, log: Logger): Promise<OpenPubsub | null> {
  const { project, subscriptions, emulatorHost, attempts } = config;
  if (project === null || subscriptions.length === 0) return null;
  const { openPullClient } = await import("./pull-client");
  const client = openPullClient({ project, emulatorHost });
  return {
    client,
    schemaRevisions: schemaRevisions({ ask: (name) => client.schema(name), elapsed: realPace.elapsed, log }),
    start: (parts) => PubsubPull.start({ ...parts, subscriptions, attempts, client, log }),
  };
}

/** Lets every push pass when no audience is configured: then the server's secret is what counts. */
export async function openPushCheck({ push }: PubsubConfig): Promise<CheckPushToken> {
  if (push === null) return () => Promise.resolve();
  const { pushTokenCheck } = await import("./push-token");
  return pushTokenCheck(push);
}
