/** A lane: one pipeline working off batches without end, with the failed ones coming back. */
import { runBatch } from "./pipeline.mjs";

/** So many fresh batches pass before a failed one has its next turn. */
const TURNS_UNTIL_AGAIN = 3;

/** A batch that failed this often is left alone. */
const ROUNDS = 4;

export class Lane {
  #pipeline;
  #next;
  #failed = [];
  #turn = 0;

  /**
   * @param {import("./pipeline.mjs").Pipeline} pipeline
   * @param {() => import("./pipeline.mjs").Batch} next makes a fresh batch
   */
  constructor(pipeline, next) {
    this.#pipeline = pipeline;
    this.#next = next;
  }

  get pipeline() {
    return this.#pipeline;
  }

  /** Runs one batch: a failed one whose turn it is, else a fresh one. @param {Parameters<typeof runBatch>[2]} env */
  async runOne(env) {
    const { batch, rounds } = this.#choose();
    const outcome = await runBatch(this.#pipeline, batch, env);
    if (outcome === "failed" && rounds + 1 < ROUNDS)
      this.#failed.push({ batch, rounds: rounds + 1, dueAt: this.#turn + TURNS_UNTIL_AGAIN });
  }

  #choose() {
    this.#turn += 1;
    const due = this.#failed.findIndex((it) => it.dueAt <= this.#turn);
    return due < 0 ? { batch: this.#next(), rounds: 0 } : this.#failed.splice(due, 1)[0];
  }
}

/**
 * Batches of packages, round and round.
 * @param {import("./pipeline.mjs").Pipeline} pipeline
 * @param {readonly import("./packages.mjs").InstalledPackage[]} packages
 * @param {string} run names this run of the demo in correlation ids
 * @returns {() => import("./pipeline.mjs").Batch}
 */
export function batchesOf(pipeline, packages, run) {
  let taken = 0;
  let number = 0;
  return () => {
    const input = Array.from({ length: pipeline.packagesPerBatch }, () => packages[taken++ % packages.length]);
    number += 1;
    const id = `${pipeline.short}-${run}-${String(number).padStart(4, "0")}`;
    return { id, about: input[0].name, stage: 0, input, attempts: 0, failure: null };
  };
}
