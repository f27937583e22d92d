/** What the publishers were promised: every version that they sent, and of which of them they were told that it is kept. */
import type { PipelineEvent } from "../pipeline-event";

const FIELDS: readonly (keyof PipelineEvent)[] = [
  "eventId",
  "correlationId",
  "pipelineName",
  "stageName",
  "status",
  "eventTimestamp",
  "processedRecordCount",
  "sourceRecordCount",
  "errorMessage",
  "lastUpdatedAt",
  "durationMs",
  "qualityScore",
  "attempt",
  "host",
  "version",
  "url",
];
const RANK: Record<string, number> = { STARTED: 0, RUNNING: 1, RETRYING: 2, FAILED: 3, COMPLETED: 4 };

/** Messages equal in every field are one version: this text is equal then, and only then. (No event here has labels.) */
export const versionOf = (values: Readonly<Record<string, unknown>>): string =>
  JSON.stringify(FIELDS.map((field) => values[field] ?? null));

export const asVersion = (event: PipelineEvent): string => versionOf({ ...event });

/** The order of two versions of one key; zero leaves the decision to arrival. */
export const compareByContent = (a: Readonly<Record<string, unknown>>, b: Readonly<Record<string, unknown>>): number =>
  Number(a["lastUpdatedAt"]) - Number(b["lastUpdatedAt"]) || RANK[String(a["status"])]! - RANK[String(b["status"])]!;

export class Promises {
  readonly sent = new Set<string>();
  readonly acknowledged = new Set<string>();

  send(events: readonly PipelineEvent[]): void {
    for (const event of events) this.sent.add(asVersion(event));
  }

  acknowledge(events: readonly PipelineEvent[]): void {
    for (const event of events) this.acknowledged.add(asVersion(event));
  }
}
