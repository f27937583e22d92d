/**
 * The fold that derives problems, pipelines and batches from the rows of a feed. It keeps its groups, and a change of rows
 * computes again only the groups that it touches; the outcome is the same as folding the rows from scratch, in any order.
 */
import { attemptNumber, attemptOf, type Attempt, type AttemptFields } from "./attempt";
import { summariseBatch, type BatchRuns, type BatchSummary, type Run } from "./batch";
import { normaliseError, problemId, type NormalisedError } from "./normalise-error";
import { compareRuns, emptyPipeline, summarisePipeline, type PipelineGroup, type PipelineSummary } from "./pipeline";
import { compareFailures, isFailure, problemOf, type Problem, type ProblemGroup } from "./problem";
import { NO_RULES, type Regrouping } from "./problem-rule";
import { compareNumbers, lowerBound } from "./sorted";
import { NOTHING_USUAL, type Usual } from "./usual/usual";
import { sameValue, type Row } from "./value";
import { summaryToRow, type ViewName } from "./view";

/** Rows of a derived view that changed, and keys that left it. */
export interface FoldChange {
  up: Row[];
  del: string[];
}

/** The events of one attempt and what they come to. */
interface Entry {
  batch: Batch;
  stage: Stage;
  number: number;
  rows: Row[];
  attempt: Attempt | null;
}

interface Batch {
  correlationId: string;
  /** Nearly always one attempt per stage. */
  entries: Map<Stage, Entry[]>;
}

interface Stage {
  pipelineName: string;
  stageName: string;
  /** Attempts of it; a stage without any is forgotten. */
  entries: number;
  /** When attempts of the stage completed, ascending. */
  completions: number[];
  /** By id. */
  problems: Map<string, ProblemGroup>;
  /** Ids by normalised error, as the fingerprint says. */
  ids: Map<string, string>;
}

interface Group<T> {
  summary: T;
  row: Row;
}

const REMEMBERED_ERRORS = 4_096;

export class AttemptFold {
  readonly #fields: AttemptFields;
  readonly #ofBatch = new Map<string, Batch>();
  readonly #ofPipeline = new Map<string, PipelineGroup>();
  /** By pipeline, then by stage. */
  readonly #stages = new Map<string, Map<string, Stage>>();
  readonly #problems = new Map<string, Group<Problem>>();
  readonly #pipelines = new Map<string, Group<PipelineSummary>>();
  readonly #batches = new Map<string, Group<BatchSummary> & { runs: ReadonlyMap<string, Run> }>();
  readonly #errors = new Map<string, NormalisedError>();

  /** While everything is folded at once, lists are sorted at the end instead of with each item. */
  #isFilling = true;

  readonly #only: "problems" | "batches" | null;
  #usual: Usual;
  #regrouping: Regrouping;

  /**
   * @param only the other views stay empty, which takes a fraction of the time
   * @param usual what pipelines are compared with
   * @param regrouping what people decided about which failures are one problem
   */
  constructor(
    fields: AttemptFields,
    rows: readonly Row[],
    {
      only = null,
      usual = NOTHING_USUAL,
      regrouping = NO_RULES,
    }: { only?: "problems" | "batches" | null; usual?: Usual; regrouping?: Regrouping } = {},
  ) {
    this.#fields = fields;
    this.#usual = usual;
    this.#only = only;
    this.#regrouping = regrouping;
    this.apply([], rows);
    this.#isFilling = false;
  }

  problems(): Problem[] {
    return [...this.#problems.values()].map(({ summary }) => summary);
  }

  problem(id: string): Problem | null {
    return this.#problems.get(id)?.summary ?? null;
  }

  /** The failures of a problem, ascending; none when there is no such problem. */
  failuresOf(id: string): readonly Attempt[] {
    const problem = this.#problems.get(id)?.summary;
    if (!problem) return [];
    return this.#stages.get(problem.pipelineName)!.get(problem.stageName)!.problems.get(id)!.failures;
  }

  /** Groups all failures again; the rows and everything else stay. */
  regroup(regrouping: Regrouping): void {
    this.#regrouping = regrouping;
    this.#problems.clear();
    this.#isFilling = true;
    const touched = new Set<ProblemGroup>();
    for (const stages of this.#stages.values())
      for (const stage of stages.values()) {
        const before = [...stage.problems.values()];
        stage.problems.clear();
        for (const { failures } of before) for (const failure of failures) this.#enterStage(stage, failure, touched);
      }
    for (const { failures } of touched) failures.sort(compareFailures);
    this.#isFilling = false;
    this.#updateProblems(touched);
  }

  /** When attempts of a stage completed, ascending. */
  completionsOf(pipelineName: string, stageName: string): readonly number[] {
    return this.#stages.get(pipelineName)?.get(stageName)?.completions ?? [];
  }

  pipelines(): PipelineSummary[] {
    return [...this.#pipelines.values()].map(({ summary }) => summary);
  }

  batches(): BatchSummary[] {
    return [...this.#batches.values()].map(({ summary }) => summary);
  }

  /** The runs of each pipeline within each batch, in no order. What is answered is never changed afterwards. */
  batchRuns(): BatchRuns[] {
    return [...this.#batches.values()].map(({ summary, runs }) => ({ correlationId: summary.correlationId, runs }));
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
    const batch = this.#ofBatch.get(correlationId);
    return batch ? attemptsOf(batch) : [];
  }

  /**
   * @param removed rows that left: the very objects that were added before
   * @param added rows that came; a changed row is in both
   * @param usual what pipelines are compared with from now on, when it is another than before
   */
  apply(removed: readonly Row[], added: readonly Row[], usual: Usual = this.#usual): Record<ViewName, FoldChange> {
    const entries = this.#touch(removed, added);
    const batches = new Set<Batch>();
    const problems = new Set<ProblemGroup>();
    for (const entry of entries) this.#refold(entry, batches, problems);
    if (this.#isFilling) this.#sortStages();
    if (this.#only === "problems")
      return { batches: NO_CHANGE, pipelines: NO_CHANGE, problems: this.#updateProblems(problems) };
    const pipelines = new Set<string>();
    const batchChange = this.#updateBatches(batches, pipelines);
    if (this.#only === "batches") return { batches: batchChange, pipelines: NO_CHANGE, problems: NO_CHANGE };
    if (usual !== this.#usual) for (const name of this.#ofPipeline.keys()) pipelines.add(name);
    this.#usual = usual;
    if (this.#isFilling) this.#sortPipelines();
    return {
      batches: batchChange,
      pipelines: this.#updatePipelines(pipelines),
      problems: this.#updateProblems(problems),
    };
  }

  #touch(removed: readonly Row[], added: readonly Row[]): Set<Entry> {
    const touched = new Set<Entry>();
    for (const row of removed) {
      const entry = this.#entryOf(row);
      entry.rows.splice(entry.rows.indexOf(row), 1);
      touched.add(entry);
    }
    for (const row of added) {
      const entry = this.#entryOf(row);
      entry.rows.push(row);
      touched.add(entry);
    }
    return touched;
  }

  #entryOf(row: Row): Entry {
    const correlationId = row[this.#fields.correlationId] as string;
    let batch = this.#ofBatch.get(correlationId);
    if (!batch) this.#ofBatch.set(correlationId, (batch = { correlationId, entries: new Map() }));
    const stage = this.#stageOf(row[this.#fields.pipelineName] as string, row[this.#fields.stageName] as string);
    const number = attemptNumber(this.#fields, row);
    const entries = batch.entries.get(stage);
    const known = entries?.find((entry) => entry.number === number);
    if (known) return known;
    const entry: Entry = { batch, stage, number, rows: [], attempt: null };
    stage.entries++;
    if (entries) entries.push(entry);
    else batch.entries.set(stage, [entry]);
    return entry;
  }

  #refold(entry: Entry, batches: Set<Batch>, problems: Set<ProblemGroup>): void {
    const { batch, stage, attempt: old } = entry;
    const now = entry.rows.length > 0 ? attemptOf(this.#fields, entry.rows) : null;
    entry.attempt = now;
    batches.add(batch);
    if (!now) {
      const left = batch.entries.get(stage)!.filter((other) => other !== entry);
      if (left.length > 0) batch.entries.set(stage, left);
      else batch.entries.delete(stage);
    }
    if (!now && --stage.entries === 0) this.#forgetStage(stage);
    if (this.#only === "batches") return;
    if (old) this.#leaveStage(stage, old, problems);
    if (now) this.#enterStage(stage, now, problems);
  }

  #enterStage(stage: Stage, attempt: Attempt, touched: Set<ProblemGroup>): void {
    if (attempt.status === "COMPLETED") {
      this.#insert(stage.completions, attempt.updatedAt, compareNumbers);
      for (const group of stage.problems.values()) touched.add(group);
    } else if (isFailure(attempt)) {
      const { group, isMerged } = this.#groupOf(stage, attempt);
      this.#insert(group.failures, attempt, compareFailures);
      if (isMerged) group.merged++;
      group.batches.set(attempt.correlationId, (group.batches.get(attempt.correlationId) ?? 0) + 1);
      touched.add(group);
    }
  }

  #leaveStage(stage: Stage, attempt: Attempt, touched: Set<ProblemGroup>): void {
    if (attempt.status === "COMPLETED") {
      remove(stage.completions, attempt.updatedAt, compareNumbers);
      for (const group of stage.problems.values()) touched.add(group);
    } else if (isFailure(attempt)) {
      const { group, isMerged } = this.#groupOf(stage, attempt);
      remove(group.failures, attempt, compareFailures);
      if (isMerged) group.merged--;
      const left = group.batches.get(attempt.correlationId)! - 1;
      if (left === 0) group.batches.delete(attempt.correlationId);
      else group.batches.set(attempt.correlationId, left);
      touched.add(group);
    }
  }

  #stageOf(pipelineName: string, stageName: string): Stage {
    let stages = this.#stages.get(pipelineName);
    if (!stages) this.#stages.set(pipelineName, (stages = new Map<string, Stage>()));
    let stage = stages.get(stageName);
    if (!stage) {
      stage = { pipelineName, stageName, entries: 0, completions: [], problems: new Map(), ids: new Map() };
      stages.set(stageName, stage);
    }
    return stage;
  }

  #forgetStage({ pipelineName, stageName }: Stage): void {
    const stages = this.#stages.get(pipelineName)!;
    stages.delete(stageName);
    if (stages.size === 0) this.#stages.delete(pipelineName);
  }

  #sortStages(): void {
    for (const stages of this.#stages.values()) {
      for (const { completions, problems } of stages.values()) {
        completions.sort(compareNumbers);
        for (const { failures } of problems.values()) failures.sort(compareFailures);
      }
    }
  }

  #insert<T>(sorted: T[], item: T, compare: (a: T, b: T) => number): void {
    if (this.#isFilling) sorted.push(item);
    else sorted.splice(lowerBound(sorted, item, compare), 0, item);
  }

  #groupOf(stage: Stage, { error }: Attempt): { group: ProblemGroup; isMerged: boolean } {
    const { text, line } = this.#normalise(error);
    const { id, isMerged } = this.#regrouping.place(this.#idOf(stage, text), line);
    let group = stage.problems.get(id);
    if (!group) {
      const { pipelineName, stageName, completions } = stage;
      const batches = new Map<string, number>();
      const containing = this.#regrouping.containingOf(id);
      group = { id, pipelineName, stageName, containing, completions, failures: [], batches, merged: 0 };
      stage.problems.set(id, group);
    }
    return { group, isMerged };
  }

  #idOf({ pipelineName, stageName, ids }: Stage, text: string): string {
    let id = ids.get(text);
    if (id === undefined) {
      if (ids.size >= REMEMBERED_ERRORS) ids.clear();
      ids.set(text, (id = problemId(pipelineName, stageName, text)));
    }
    return id;
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

  #updateProblems(touched: ReadonlySet<ProblemGroup>): FoldChange {
    const change: FoldChange = { up: [], del: [] };
    for (const group of touched) {
      const { id, failures } = group;
      const last = failures.at(-1);
      if (last === undefined) {
        this.#stages.get(group.pipelineName)?.get(group.stageName)?.problems.delete(id);
        if (this.#problems.delete(id)) change.del.push(id);
        continue;
      }
      const summary = problemOf(group, this.#normalise(last.error));
      this.#publish(this.#problems, id, { summary, row: summaryToRow("problems", summary) }, change);
    }
    return change;
  }

  #updateBatches(touched: ReadonlySet<Batch>, pipelines: Set<string>): FoldChange {
    const change: FoldChange = { up: [], del: [] };
    for (const entries of touched) {
      const id = entries.correlationId;
      const before = this.#batches.get(id);
      if (entries.entries.size === 0) {
        this.#moveRuns(before?.runs ?? NO_RUNS, NO_RUNS, pipelines);
        this.#ofBatch.delete(id);
        if (this.#batches.delete(id)) change.del.push(id);
        continue;
      }
      const { batch, runs } = summariseBatch(id, attemptsOf(entries));
      this.#moveRuns(before?.runs ?? NO_RUNS, runs, pipelines);
      this.#publish(this.#batches, id, { summary: batch, row: summaryToRow("batches", batch), runs }, change);
    }
    return change;
  }

  #moveRuns(before: ReadonlyMap<string, Run>, now: ReadonlyMap<string, Run>, touched: Set<string>): void {
    if (this.#only === "batches") return;
    for (const [pipeline, run] of before) {
      const next = now.get(pipeline);
      if (next && isSameRun(run, next)) continue;
      touched.add(pipeline);
      const group = this.#ofPipeline.get(pipeline)!;
      remove(group.runs, run, compareRuns);
      group.counts[run.state]--;
      if (run.state === "completed") remove(group.successes, run.endedAt!, compareNumbers);
    }
    for (const [pipeline, run] of now) {
      const old = before.get(pipeline);
      if (old && isSameRun(old, run)) continue;
      touched.add(pipeline);
      let group = this.#ofPipeline.get(pipeline);
      if (!group) this.#ofPipeline.set(pipeline, (group = emptyPipeline()));
      this.#insert(group.runs, run, compareRuns);
      group.counts[run.state]++;
      if (run.state === "completed") this.#insert(group.successes, run.endedAt!, compareNumbers);
    }
  }

  #sortPipelines(): void {
    for (const { runs, successes } of this.#ofPipeline.values()) {
      runs.sort(compareRuns);
      successes.sort(compareNumbers);
    }
  }

  #updatePipelines(touched: ReadonlySet<string>): FoldChange {
    const change: FoldChange = { up: [], del: [] };
    for (const name of touched) {
      const group = this.#ofPipeline.get(name)!;
      if (group.runs.length === 0) {
        this.#ofPipeline.delete(name);
        if (this.#pipelines.delete(name)) change.del.push(name);
        continue;
      }
      const summary = summarisePipeline(name, group, this.#usual);
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

const NO_CHANGE: FoldChange = { up: [], del: [] };
const NO_RUNS: ReadonlyMap<string, Run> = new Map();

const isSameRun = (a: Run, b: Run): boolean =>
  a.state === b.state &&
  a.startedAt === b.startedAt &&
  a.endedAt === b.endedAt &&
  a.heardAt === b.heardAt &&
  a.rowsIn === b.rowsIn &&
  a.rowsOut === b.rowsOut;

function attemptsOf({ entries }: Batch): Attempt[] {
  const attempts: Attempt[] = [];
  for (const own of entries.values()) for (const { attempt } of own) if (attempt) attempts.push(attempt);
  return attempts;
}

const remove = <T>(sorted: T[], item: T, compare: (a: T, b: T) => number): void =>
  void sorted.splice(lowerBound(sorted, item, compare), 1);
