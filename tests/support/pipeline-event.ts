/** Events of the feed `pipeline_events` as publishers write them: objects with the fields of `avro/PipelineEvent.avsc`. */
import type { Random } from "./random";

export const STATUSES = ["STARTED", "RUNNING", "COMPLETED", "FAILED", "RETRYING"] as const;
export type Status = (typeof STATUSES)[number];

export interface PipelineEvent {
  eventId: string;
  correlationId: string;
  pipelineName: string;
  stageName: string;
  status: Status;
  /** Epoch ms. */
  eventTimestamp: number;
  processedRecordCount: number | null;
  sourceRecordCount: number | null;
  errorMessage: string | null;
  /** Epoch ms. */
  lastUpdatedAt: number;
  durationMs: number | null;
  qualityScore: number | null;
  attempt: number | null;
  host: string | null;
  version: string | null;
  url: string | null;
  labels: Record<string, string> | null;
}

const PIPELINES = ["orders", "invoices", "customers", "shipments", "returns", "prices", "stock", "clicks"] as const;
const STAGES = ["extract", "validate", "transform", "load", "publish"] as const;
const ERRORS = [
  "connection to warehouse timed out after 30 s",
  'column "amount" holds "n/a", which is no number',
  "target is locked by another load",
] as const;

/** An event that names everything; what is not given has a plain value. */
export function pipelineEvent(
  given: Partial<PipelineEvent> & { eventId: string; eventTimestamp: number },
): PipelineEvent {
  return {
    correlationId: "batch-1",
    pipelineName: "orders",
    stageName: "load",
    status: "COMPLETED",
    processedRecordCount: null,
    sourceRecordCount: null,
    errorMessage: null,
    lastUpdatedAt: given.eventTimestamp,
    durationMs: null,
    qualityScore: null,
    attempt: 0,
    host: null,
    version: null,
    url: null,
    labels: null,
    ...given,
  };
}

/**
 * A fresh event of some pipeline at `at` (epoch ms), with the fields that publishers usually fill. One event in thirty has
 * failed, most are done; batches have twelve events or so.
 */
export function randomEvent(random: Random, eventId: string, at: number): PipelineEvent {
  const status: Status = random.chance(1 / 30) ? "FAILED" : random.chance(0.2) ? "RUNNING" : "COMPLETED";
  const source = random.int(0, 50_000);
  return pipelineEvent({
    eventId,
    correlationId: `batch-${Math.floor(at / 5_000).toString(36)}-${random.int(0, 400)}`,
    pipelineName: random.pick(PIPELINES),
    stageName: random.pick(STAGES),
    status,
    eventTimestamp: at,
    processedRecordCount: status === "RUNNING" ? null : source - random.int(0, Math.min(source, 20)),
    sourceRecordCount: source,
    errorMessage: status === "FAILED" ? random.pick(ERRORS) : null,
    durationMs: random.int(20, 90_000),
    host: `worker-${random.int(1, 12)}`,
    version: "2.4.1",
  });
}

/** A newer version of an event, made at `at`: one step on. */
export function nextVersion(random: Random, event: PipelineEvent, at: number): PipelineEvent {
  const status: Status = event.status === "RUNNING" ? "COMPLETED" : event.status === "FAILED" ? "RETRYING" : "RUNNING";
  return {
    ...event,
    status,
    errorMessage: null,
    lastUpdatedAt: at,
    processedRecordCount: random.int(0, 50_000),
    durationMs: at - event.eventTimestamp,
  };
}
