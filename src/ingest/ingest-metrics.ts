/** What ingest tells Prometheus. */
import { Counter, Gauge, type Registry } from "prom-client";

export interface IngestMetrics {
  accepted: Counter<"feed">;
  rejected: Counter<"feed">;
}

/** @param staged read at each scrape */
export function ingestMetrics(
  registry: Registry,
  staged: () => readonly { feed: string; events: number; bytes: number }[],
): IngestMetrics {
  const registers = [registry];
  new Gauge({
    name: "weir_ingest_staged_events",
    help: "Events that are acknowledged and not yet in the tables.",
    labelNames: ["feed"],
    registers,
    collect() {
      for (const { feed, events } of staged()) this.set({ feed }, events);
    },
  });
  new Gauge({
    name: "weir_ingest_staged_bytes",
    help: "Bytes of the staging area.",
    labelNames: ["feed"],
    registers,
    collect() {
      for (const { feed, bytes } of staged()) this.set({ feed }, bytes);
    },
  });
  return {
    accepted: new Counter({
      name: "weir_ingest_accepted_events_total",
      help: "Events that were acknowledged.",
      labelNames: ["feed"],
      registers,
    }),
    rejected: new Counter({
      name: "weir_ingest_dead_letters_total",
      help: "Events that went to dead letters.",
      labelNames: ["feed"],
      registers,
    }),
  };
}
