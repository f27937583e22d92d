/** The events of one attempt at a job: versions of one event, each newer than the one before, whatever the clock does. */
import type { Told } from "./job-report";

export interface JobPlace {
  correlationId: string;
  pipeline: string;
  stage: string;
  host: string;
  version: string | null;
  url: string | null;
  labels: Readonly<Record<string, string>>;
}

export type AttemptStatus = "STARTED" | "RUNNING" | "RETRYING" | "COMPLETED" | "FAILED";

export class AttemptEvents {
  readonly #place: JobPlace;
  readonly #number: number;
  readonly #id: string;
  readonly #now: () => number;
  readonly #startedAt: number;
  #updatedAt: number;

  /** @param number from 1 @param id of the event: no other attempt has it */
  constructor(place: JobPlace, number: number, id: string, now: () => number) {
    this.#place = place;
    this.#number = number;
    this.#id = id;
    this.#now = now;
    this.#startedAt = now();
    this.#updatedAt = this.#startedAt - 1;
  }

  next(
    status: AttemptStatus,
    told: Told,
    errorMessage: string | null = null,
    durationMs: number | null = null,
  ): object {
    const { correlationId, pipeline, stage, host, version, url, labels } = this.#place;
    this.#updatedAt = Math.max(this.#updatedAt + 1, this.#now());
    return {
      eventId: this.#id,
      correlationId,
      pipelineName: pipeline,
      stageName: stage,
      status,
      eventTimestamp: this.#startedAt,
      lastUpdatedAt: this.#updatedAt,
      processedRecordCount: told.processed,
      sourceRecordCount: told.source,
      qualityScore: told.quality,
      errorMessage,
      durationMs,
      attempt: this.#number,
      host,
      version: told.version ?? version,
      url: told.url ?? url,
      labels: { ...labels, ...told.labels },
    };
  }
}
