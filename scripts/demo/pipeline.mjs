/**
 * A pipeline: stages that a batch passes one after the other. A stage that fails is tried again, unless the data itself is
 * at fault; a batch that failed for good comes back later, from the stage that failed.
 */
import path from "node:path";
import { Attempt } from "./attempt.mjs";

/** The data is at fault: trying the same again would give the same. */
export class DataError extends Error {}

const TRIES = 3;
const BACKOFF_MS = 1500;
/** The first progress is told after this time, each further one after twice as long as the one before it. */
const FIRST_PROGRESS_MS = 1000;

/**
 * @typedef {object} Stage
 * @property {string} name
 * @property {(input: unknown, work: Work) => Promise<import("./attempt.mjs").Told & { output: unknown }>} run
 *
 * @typedef {object} Work what a stage is given beside its input
 * @property {string} target file that it may write; its folder exists unless somebody broke the pipeline
 * @property {number} attempt from 1
 * @property {(told: import("./attempt.mjs").Told) => Promise<void>} item called after each item: tells progress now and then, and leaves the processor to others
 *
 * @typedef {object} Pipeline
 * @property {string} name
 * @property {string} short for correlation ids
 * @property {boolean} oneEventPerStatus
 * @property {number} packagesPerBatch
 * @property {readonly Stage[]} stages
 *
 * @typedef {object} Batch
 * @property {string} id correlation id
 * @property {string} about names the first of its packages: batches about the same overwrite each other's target
 * @property {number} stage index of the stage that is next
 * @property {unknown} input of that stage
 * @property {number} attempts of that stage until now
 * @property {Error | null} failure of the last of them
 */

/**
 * Takes a batch as far as it comes.
 * @param {Pipeline} pipeline
 * @param {Batch} batch changed as it moves on
 * @param {{ clock: import("./clocks.mjs").LaneClock, turn(): Promise<void>, emit(event: object): Promise<void>, folder: string, host: string,
 *   labels: Record<string, string>, itemPauseMs: number, stagePauseMs: number }} env
 * @returns {Promise<"done" | "failed" | "refused">} refused: the data is at fault
 */
export async function runBatch(pipeline, batch, env) {
  while (batch.stage < pipeline.stages.length) {
    const outcome = await runStage(pipeline, batch, env);
    if (outcome !== "done") return outcome;
    batch.stage += 1;
    batch.attempts = 0;
    batch.failure = null;
    await env.clock.sleep(env.stagePauseMs);
  }
  return "done";
}

async function runStage(pipeline, batch, env) {
  for (let tries = 0; tries < TRIES; tries++) {
    if (tries > 0) await env.clock.sleep(BACKOFF_MS * tries);
    const outcome = await runAttempt(pipeline, batch, env);
    if (outcome !== "failed") return outcome;
  }
  return "failed";
}

async function runAttempt(pipeline, batch, env) {
  const stage = pipeline.stages[batch.stage];
  batch.attempts += 1;
  const place = { correlationId: batch.id, pipeline: pipeline.name, stage: stage.name, number: batch.attempts };
  const attempt = new Attempt(place, { ...env, oneEventPerStatus: pipeline.oneEventPerStatus });
  await attempt.start(batch.failure);
  try {
    const result = await stage.run(batch.input, workFor(attempt, batch, env));
    await attempt.complete(result);
    batch.input = result.output;
    return "done";
  } catch (error) {
    if (error.name === "AbortError") throw error;
    batch.failure = error;
    await attempt.fail(error);
    return error instanceof DataError ? "refused" : "failed";
  }
}

/** @returns {Work} */
function workFor(attempt, batch, env) {
  let waitMs = FIRST_PROGRESS_MS;
  let tellAt = env.clock.now() + waitMs;
  return {
    target: path.join(env.folder, `${batch.about.replace("/", "+")}.json`),
    attempt: batch.attempts,
    item: async (told) => {
      if (env.itemPauseMs > 0) await env.clock.sleep(env.itemPauseMs);
      if (env.clock.now() < tellAt) return;
      waitMs *= 2;
      tellAt = env.clock.now() + waitMs;
      await attempt.progress(told);
    },
  };
}
