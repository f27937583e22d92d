/** What pulling tells Prometheus. */
import { Counter, Gauge, type Registry } from "prom-client";

export type PullState = "pulling" | "waiting" | "missing" | "failing" | "closed";

export const PULL_STATES: readonly PullState[] = ["pulling", "waiting", "missing", "failing", "closed"];

export interface PullStatus {
  feed: string;
  subscription: string;
  state: PullState;
  /** Why it is not pulling, a sentence. */
  reason: string | null;
  /** Messages and bytes in hand. */
  outstanding: number;
  outstandingBytes: number;
  /** Epoch ms at which the oldest message in hand was published; null when none is. */
  oldestAt: number | null;
}

type PerFeed = Counter<"feed">;

export interface PullMetrics {
  received: PerFeed;
  redelivered: PerFeed;
  staged: PerFeed;
  deadLettered: PerFeed;
  acked: PerFeed;
  nacked: PerFeed;
  ackFailed: PerFeed;
}

/** @param statuses read at each scrape @param now epoch ms */
export function pullMetrics(registry: Registry, statuses: () => readonly PullStatus[], now: () => number): PullMetrics {
  const registers = [registry];
  const counter = (name: string, help: string): PerFeed =>
    new Counter({ name: `weir_pubsub_${name}_total`, help, labelNames: ["feed"], registers });
  const gauge = (name: string, help: string, value: (status: PullStatus) => number) =>
    new Gauge({
      name: `weir_pubsub_${name}`,
      help,
      labelNames: ["feed"],
      registers,
      collect() {
        for (const status of statuses()) this.set({ feed: status.feed }, value(status));
      },
    });
  gauge("outstanding_messages", "Messages in hand: received and not settled.", ({ outstanding }) => outstanding);
  gauge("outstanding_bytes", "Bytes of the messages in hand.", ({ outstandingBytes }) => outstandingBytes);
  gauge("oldest_outstanding_seconds", "Age of the oldest message in hand, since it was published.", ({ oldestAt }) =>
    oldestAt === null ? 0 : Math.max(0, now() - oldestAt) / 1_000,
  );
  new Gauge({
    name: "weir_pubsub_state",
    help: "1 for the state that pulling is in: waiting = no room to stage, missing = no such subscription.",
    labelNames: ["feed", "state"],
    registers,
    collect() {
      for (const { feed, state } of statuses())
        for (const each of PULL_STATES) this.set({ feed, state: each }, each === state ? 1 : 0);
    },
  });
  return {
    received: counter("received", "Messages that arrived, repeated ones too."),
    redelivered: counter("redelivered", "Messages that had arrived before."),
    staged: counter("staged", "Messages whose events were staged."),
    deadLettered: counter("dead_lettered", "Messages that became dead letters."),
    acked: counter("acked", "Messages that were acknowledged."),
    nacked: counter("nacked", "Messages that were given back."),
    ackFailed: counter("ack_failed", "Acknowledgements that the service refused; their messages come again."),
  };
}
