/** All subscriptions that are pulled: made, started and closed together. */
import type { Logger } from "pino";
import type { Registry } from "prom-client";
import type { Clock } from "../../clock";
import { AppError } from "../../model/app-error";
import type { Ingest } from "../ingest";
import { realPace } from "../pace";
import type { PullClient } from "./pull-client";
import { pullMetrics, type PullStatus } from "./pull-metrics";
import { Puller, type PullerOptions } from "./puller";

export interface FeedSubscription {
  feed: string;
  /** Name in the project, or `projects/…/subscriptions/…`. */
  subscription: string;
}

export interface PubsubPullOptions {
  subscriptions: readonly FeedSubscription[];
  attempts: number;
  client: PullClient;
  ingest: Ingest;
  clock: Clock;
  metrics: Registry;
  log: Logger;
  /** Other bounds than the usual ones. */
  puller?: Pick<PullerOptions, "limits" | "holdMs" | "drainMs">;
}

export class PubsubPull {
  private constructor(private readonly pullers: readonly Puller[]) {}

  /** Begins to pull. @throws AppError unknown-feed, read-only */
  static start(options: PubsubPullOptions): PubsubPull {
    const { subscriptions, attempts, client, ingest, clock, log } = options;
    for (const { feed, subscription } of subscriptions) refuseReadOnly(ingest, feed, subscription);
    const pullers: Puller[] = [];
    const statuses = () => pullers.map((puller) => puller.status());
    const metrics = pullMetrics(options.metrics, statuses, () => clock.now());
    for (const { feed, subscription } of subscriptions) {
      const shared = { client, ingest, metrics, log, attempts, pace: realPace, random: Math.random };
      pullers.push(new Puller({ ...options.puller, ...shared, feed, subscription }));
    }
    for (const puller of pullers) puller.start();
    return new PubsubPull(pullers);
  }

  statuses(): PullStatus[] {
    return this.pullers.map((puller) => puller.status());
  }

  /** No more messages; what is in hand is staged and acknowledged, or given back. */
  async close(): Promise<void> {
    await Promise.all(this.pullers.map((puller) => puller.close()));
  }
}

function refuseReadOnly(ingest: Ingest, feed: string, subscription: string): void {
  if (ingest.status(feed).state !== "read-only") return;
  throw new AppError(
    "read-only",
    `Feed ${feed} is written by another job: take ${feed}=${subscription} out of WEIR_PUBSUB_SUBSCRIPTIONS.`,
  );
}
