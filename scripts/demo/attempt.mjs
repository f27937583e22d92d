/** One attempt of a stage on a batch, told as events. */
import { root } from "../paths.mjs";

/**
 * @typedef {object} Told what an attempt tells of itself
 * @property {number} [source] records that came in
 * @property {number} [processed] records that went out
 * @property {number} [quality] 0 to 1
 *
 * @typedef {object} Place of an attempt
 * @property {string} correlationId
 * @property {string} pipeline
 * @property {string} stage
 * @property {number} number from 1
 */

export class Attempt {
  #place;
  #env;
  #startedAt;
  #lastTold = {};
  #messages = 0;

  /**
   * @param {Place} place
   * @param {{ clock: import("./clocks.mjs").LaneClock, turn(): Promise<void>, emit(event: object): Promise<void>,
   *   oneEventPerStatus: boolean, host: string, labels: Record<string, string> }} env
   *   turn: waits until one more event may be told
   *   oneEventPerStatus: publish a new event for each change, as some publishers do, instead of new versions of one event
   */
  constructor(place, env) {
    this.#place = place;
    this.#env = env;
    this.#startedAt = env.clock.now();
  }

  /** @param {Error | null} after why the attempt before it failed, if there was one */
  start(after) {
    return after === null ? this.#tell("STARTED", {}, null) : this.#tell("RETRYING", {}, withoutPlace(after));
  }

  /** @param {Told} told */
  progress(told) {
    return this.#tell("RUNNING", told, null);
  }

  /** @param {Told} told */
  complete(told) {
    return this.#tell("COMPLETED", told, null);
  }

  /** @param {Error} error */
  fail(error) {
    return this.#tell("FAILED", {}, withoutPlace(error));
  }

  async #tell(status, told, errorMessage) {
    const { correlationId, pipeline, stage, number } = this.#place;
    const { clock, host, labels, oneEventPerStatus, emit, turn } = this.#env;
    await turn();
    this.#lastTold = { ...this.#lastTold, ...told };
    const now = clock.now();
    const ended = status === "COMPLETED" || status === "FAILED";
    const id = `${correlationId}.${stage}.${number}`;
    await emit({
      eventId: oneEventPerStatus ? `${id}.${this.#messages++}` : id,
      correlationId,
      pipelineName: pipeline,
      stageName: stage,
      status,
      eventTimestamp: oneEventPerStatus ? now : this.#startedAt,
      processedRecordCount: this.#lastTold.processed ?? null,
      sourceRecordCount: this.#lastTold.source ?? null,
      errorMessage,
      lastUpdatedAt: now,
      durationMs: ended ? now - this.#startedAt : null,
      qualityScore: this.#lastTold.quality ?? null,
      attempt: number,
      host,
      version: null,
      url: null,
      labels,
    });
  }
}

/** Where the checkout lies is nobody's business. */
const withoutPlace = (error) => String(error.message).replaceAll(root, "");
