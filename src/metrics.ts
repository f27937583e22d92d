/** One registry per app (tests open several in a process); the stages register their own metrics in it. */
import { collectDefaultMetrics, Registry } from "prom-client";

export type Metrics = Registry;

export function createMetrics(): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  return registry;
}
