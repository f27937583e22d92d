/** What the live stage reports of itself on /metrics. */
import { Counter, Gauge, type Registry } from "prom-client";

export interface LiveMeasures {
  connections: Gauge;
  behind: Gauge;
  frames: Counter<"topic">;
  deliveries: Counter;
  conflated: Counter;
  resets: Counter<"reason">;
  byes: Counter<"reason">;
}

export function liveMeasures(registry: Registry): LiveMeasures {
  const registers = [registry];
  const gauge = (name: string, help: string) => new Gauge({ name, help, registers });
  const counter = <L extends string = never>(name: string, help: string, labelNames: L[] = []) =>
    new Counter<L>({ name, help, labelNames, registers });
  return {
    connections: gauge("weir_live_connections", "Open streams."),
    behind: gauge("weir_live_behind", "Streams whose client has not yet taken what was written."),
    frames: counter("weir_live_frames_total", "Deltas published, by topic.", ["topic"]),
    deliveries: counter("weir_live_deliveries_total", "Deltas written to clients."),
    conflated: counter("weir_live_conflated_total", "Deltas written to clients that stand for several."),
    resets: counter("weir_live_resets_total", "Streams told to load again, by reason.", ["reason"]),
    byes: counter("weir_live_byes_total", "Streams ended by the server, by reason.", ["reason"]),
  };
}
