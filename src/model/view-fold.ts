/**
 * The fold that derives problems, pipelines and batches from the rows of a feed. It keeps its groups, and a change of rows
 * computes again only the groups that it touches; the outcome is the same as folding the rows from scratch, in any order.
 */
import { attemptKeyOf, attemptOf, type Attempt, type AttemptFields } from "./attempt";
import { summariseBatch, type BatchSummary, type Run } from "./batch";
import { normaliseError, problemId, type NormalisedError } from "./normalise-error";
import { compareRuns, summarisePipeline, type PipelineSummary } from "./pipeline";
import { compareFailures, isFailure, problemOf, type Problem, type ProblemGroup } from "./problem";
import { sameValue, type Row } from "./value";
import { summaryToRow, type ViewName } from "./view";

/** Rows of a derived view that changed, and keys that left it. */
export interface FoldChange {
  up: Row[];
  del: string[];
}

interface Stage {
  /** When attempts of the stage completed, ascending. */
  completions: number[];
  problems: Map<string, ProblemGroup>;
}

interface Group<T> {
  summary: T;
  row: Row;
}

const REMEMBERED_ERRORS = 4_096;

export class AttemptFold {
  readonly #fields: AttemptFields;
  readonly #attempts = new Map<string, { rows: Row[]; attempt: Attempt | null }>();
  readonly #ofBatch = new Map<string, Map<string, Attempt>>();
  readonly #runs = new Map<string, Run[]>();
  readonly #stages = new Map<string, Stage>();
  readonly #problems = new Map<string, Group<Problem>>();
  readonly #pipelines = new Map<string, Group<PipelineSummary>>();
  readonly #batches = new Map<string, Group<BatchSummary> & { runs: ReadonlyMap<string, Run> }>();
  readonly #errors = new Map<string, NormalisedError>();

  constructor(fields: AttemptFields, rows: readonly Row[]) {
    this.#fields = fields;
    this.apply([], rows);
  }

  problems(): Problem[] {
    return [...this.#problems.values()].map(({ summary }) => summary);
  }

  pipelines(): PipelineSummary[] {
    return [...this.#pipelines.values()].map(({ summary }) => summary);
  }

  batches(): BatchSummary[] {
    return [...this.#batches.values()].map(({ summary }) => summary);
  }

  /** The rows of a view, in no order. */
  rows(view: ViewName): Row[] {
    const groups: ReadonlyMap<string, { row: Row }> = {
      problems: this.#problems,
      pipelines: this.#pipelines,
      batches: this.#batches,
    }[view];
    return [...groups.values()].map(({ row }) => row);
  }

  attemptsOf(correlationId: string): Attempt[] {
    return [...(this.#ofBatch.get(correlationId)?.values() ?? [])];
  }

  /**
   * @param removed rows that left: the very objects that were added before
   * @param added rows that came; a changed row is in both
   */
  apply(removed: readonly Row[], added: readonly Row[]): Record<ViewName, FoldChange> {
    const attempts = this.#touchAttempts(removed, added);
    const batches = new Set<string>();
    const problems = new Map<string, Stage>();
    for (const key of attempts) this.#refold(key, batches, problems);
    const pipelines = new Set<string>();
    return {
      batches: this.#updateBatches(batches, pipelines),
      pipelines: this.#updatePipelines(pipelines),
      problems: this.#updateProblems(problems),
    };
  }

  #touchAttempts(removed: readonly Row[], added: readonly Row[]): Set<string> {
    const touched = new Set<string>();
    for (const row of removed) {
      const key = attemptKeyOf(this.#fields, row);
      const entry = this.#attempts.get(key)!;
      entry.rows.splice(entry.rows.indexOf(row), 1);
      touched.add(key);
    }
    for (const row of added) {
      const key = attemptKeyOf(this.#fields, row);
      const entry = this.#attempts.get(key);
      if (entry) entry.rows.push(row);
      else this.#attempts.set(key, { rows: [row], attempt: null });
      touched.add(key);
    }
    return touched;
  }

  #refold(key: string, batches: Set<string>, problems: Map<string, Stage>): void {
    const entry = this.#attempts.get(key)!;
    const old = entry.attempt;
    const now = entry.rows.length > 0 ? attemptOf(this.#fields, key, entry.rows) : null;
    entry.attempt = now;
    if (!now) this.#attempts.delete(key);
    const { correlationId } = (now ?? old)!;
    batches.add(correlationId);
    const ofBatch = this.#ofBatch.get(correlationId) ?? new Map<string, Attempt>();
    this.#ofBatch.set(correlationId, ofBatch);
    if (now) ofBatch.set(key, now);
    else ofBatch.delete(key);
    if (old) this.#leaveStage(old, problems);
    if (now) this.#enterStage(now, problems);
  }

  #enterStage(attempt: Attempt, touched: Map<string, Stage>): void {
    const stage = this.#stageOf(attempt);
    if (attempt.status === "COMPLETED") {
      insert(stage.completions, attempt.updatedAt, compareNumbers);
      for (const id of stage.problems.keys()) touched.set(id, stage);
    } else if (isFailure(attempt)) {
      const group = this.#groupOf(stage, attempt);
      insert(group.failures, attempt, compareFailures);
      group.batches.set(attempt.correlationId, (group.batches.get(attempt.correlationId) ?? 0) + 1);
      touched.set(group.id, stage);
    }
  }

  #leaveStage(attempt: Attempt, touched: Map<string, Stage>): void {
    const stage = this.#stageOf(attempt);
    if (attempt.status === "COMPLETED") {
      remove(stage.completions, attempt.updatedAt, compareNumbers);
      for (const id of stage.problems.keys()) touched.set(id, stage);
    } else if (isFailure(attempt)) {
      const group = this.#groupOf(stage, attempt);
      remove(group.failures, attempt, compareFailures);
      const left = group.batches.get(attempt.correlationId)! - 1;
      if (left === 0) group.batches.delete(attempt.correlationId);
      else group.batches.set(attempt.correlationId, left);
      touched.set(group.id, stage);
    }
  }

  #stageOf({ pipelineName, stageName }: Attempt): Stage {
    const key = `${pipelineName}\0${stageName}`;
    let stage = this.#stages.get(key);
    if (!stage) this.#stages.set(key, (stage = { completions: [], problems: new Map() }));
    return stage;
  }

  #groupOf(stage: Stage, { pipelineName, stageName, error }: Attempt): ProblemGroup {
    const id = problemId(pipelineName, stageName, this.#normalise(error).text);
    let group = stage.problems.get(id);
    if (!group) {
      group = { id, pipelineName, stageName, failures: [], batches: new Map() };
      stage.problems.set(id, group);
    }
    return group;
  }

  #normalise(error: string | null): NormalisedError {
    const message = error ?? "";
    const known = this.#errors.get(message);
    if (known) return known;
    if (this.#errors.size >= REMEMBERED_ERRORS) this.#errors.clear();
    const normalised = normaliseError(message);
    this.#errors.set(message, normalised);
    return normalised;
  }

  #updateProblems(touched: ReadonlyMap<string, Stage>): FoldChange {
    const change: FoldChange = { up: [], del: [] };
    for (const [id, stage] of touched) {
      const group = stage.problems.get(id)!;
      const last = group.failures.at(-1);
      if (last === undefined) {
        stage.problems.delete(id);
        if (this.#problems.delete(id)) change.del.push(id);
        continue;
      }
      const recoveredAt = firstAfter(stage.completions, last.updatedAt);
      const summary = problemOf(group, this.#normalise(last.error), recoveredAt);
      this.#publish(this.#problems, id, { summary, row: summaryToRow("problems", summary) }, change);
    }
    return change;
  }

  #updateBatches(touched: ReadonlySet<string>, pipelines: Set<string>): FoldChange {
    const change: FoldChange = { up: [], del: [] };
    for (const id of touched) {
      const before = this.#batches.get(id);
      const attempts = this.#ofBatch.get(id)!;
      for (const [pipeline, run] of before?.runs ?? []) {
        pipelines.add(pipeline);
        remove(this.#runs.get(pipeline)!, run, compareRuns);
      }
      if (attempts.size === 0) {
        this.#ofBatch.delete(id);
        if (this.#batches.delete(id)) change.del.push(id);
        continue;
      }
      const { batch, runs } = summariseBatch(id, attempts.values());
      for (const [pipeline, run] of runs) {
        pipelines.add(pipeline);
        const list = this.#runs.get(pipeline);
        if (list) insert(list, run, compareRuns);
        else this.#runs.set(pipeline, [run]);
      }
      this.#publish(this.#batches, id, { summary: batch, row: summaryToRow("batches", batch), runs }, change);
    }
    return change;
  }

  #updatePipelines(touched: ReadonlySet<string>): FoldChange {
    const change: FoldChange = { up: [], del: [] };
    for (const name of touched) {
      const runs = this.#runs.get(name)!;
      if (runs.length === 0) {
        this.#runs.delete(name);
        if (this.#pipelines.delete(name)) change.del.push(name);
        continue;
      }
      const summary = summarisePipeline(name, runs);
      this.#publish(this.#pipelines, name, { summary, row: summaryToRow("pipelines", summary) }, change);
    }
    return change;
  }

  #publish<G extends { row: Row }>(groups: Map<string, G>, key: string, group: G, change: FoldChange): void {
    const before = groups.get(key);
    groups.set(key, group);
    if (!before || !sameValue(before.row, group.row)) change.up.push(group.row);
  }
}

const compareNumbers = (a: number, b: number): number => a - b;

/** Index of the first item that is not smaller. */
function lowerBound<T>(sorted: readonly T[], item: T, compare: (a: T, b: T) => number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (compare(sorted[middle]!, item) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

const insert = <T>(sorted: T[], item: T, compare: (a: T, b: T) => number): void =>
  void sorted.splice(lowerBound(sorted, item, compare), 0, item);

const remove = <T>(sorted: T[], item: T, compare: (a: T, b: T) => number): void =>
  void sorted.splice(lowerBound(sorted, item, compare), 1);

const firstAfter = (sorted: readonly number[], time: number): number | null =>
  sorted[lowerBound(sorted, time + 1, compareNumbers)] ?? null;
