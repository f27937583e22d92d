/** What a batch went through, stage by stage, and how two batches differ. Pure. */
import { compareAttempts, type Attempt, type AttemptFields, type AttemptStatus, type Count } from "./attempt";
import { kept, stageQuality, type StageQuality } from "./quality";
import { compareText, sameValue, type Row, type WireValue } from "./value";

/** One stage of one pipeline: its last attempt decides what became of it. */
export interface StageStory {
  pipelineName: string;
  stageName: string;
  status: AttemptStatus;
  attempts: number;
  failed: number;
  /** Of its first attempt. */
  startedAt: number;
  /** Of its last; null while it is under way. */
  endedAt: number | null;
  /** From the first start to the end. */
  durationMs: number | null;
  rowsIn: Count | null;
  rowsOut: Count | null;
  /** Share of the records that came in and did not go out, 0 to 1; null where a count is missing. */
  dropped: number | null;
  quality: StageQuality | null;
  error: string | null;
}

export interface FieldDifference {
  field: string;
  before: WireValue;
  now: WireValue;
}

export interface StageComparison {
  pipelineName: string;
  stageName: string;
  /** Null = the batch has not been there. */
  now: StageStory | null;
  before: StageStory | null;
  /** Fields of the last events that are neither times, ids nor counts and say something else. */
  fields: readonly FieldDifference[];
}

interface Stage {
  attempts: Attempt[];
  last: Attempt;
  first: number;
}

/** By when they began. */
export function storyOf(attempts: Iterable<Attempt>): StageStory[] {
  return inOrder(stagesOf(attempts)).map(storyOfStage);
}

function stagesOf(attempts: Iterable<Attempt>): Map<string, Stage> {
  const stages = new Map<string, Stage>();
  for (const attempt of attempts) {
    const key = `${attempt.pipelineName}\0${attempt.stageName}`;
    const stage = stages.get(key);
    if (!stage) stages.set(key, { attempts: [attempt], last: attempt, first: attempt.startedAt });
    else {
      stage.attempts.push(attempt);
      stage.first = Math.min(stage.first, attempt.startedAt);
      if (compareAttempts(attempt, stage.last) > 0) stage.last = attempt;
    }
  }
  return stages;
}

const inOrder = (stages: ReadonlyMap<string, Stage>): Stage[] =>
  [...stages].sort(([keyA, a], [keyB, b]) => a.first - b.first || compareText(keyA, keyB)).map(([, stage]) => stage);

function storyOfStage({ attempts, last, first }: Stage): StageStory {
  const { pipelineName, stageName, status, endedAt, rowsIn, rowsOut, error } = last;
  const share = kept(rowsIn, rowsOut);
  return {
    pipelineName,
    stageName,
    status,
    attempts: attempts.length,
    failed: attempts.filter((attempt) => attempt.status === "FAILED").length,
    startedAt: first,
    endedAt,
    durationMs: endedAt === null ? null : endedAt - first,
    rowsIn,
    rowsOut,
    // What is not done yet, or broke off, has not dropped what it did not come to.
    dropped: share === null || status !== "COMPLETED" ? null : Math.max(0, 1 - share),
    quality: stageQuality(last),
    error,
  };
}

/** Stages of both, in the order of `now`, then those that only the other one has. */
export function compareBatches(
  fields: AttemptFields,
  now: Iterable<Attempt>,
  before: Iterable<Attempt>,
): StageComparison[] {
  const [left, right] = [stagesOf(now), stagesOf(before)];
  const keys = [...orderedKeys(left), ...orderedKeys(right).filter((key) => !left.has(key))];
  return keys.map((key) => {
    const [a, b] = [left.get(key), right.get(key)];
    const { pipelineName, stageName } = (a ?? b)!.last;
    return {
      pipelineName,
      stageName,
      now: a ? storyOfStage(a) : null,
      before: b ? storyOfStage(b) : null,
      fields: a && b ? differences(fields, a.last.last, b.last.last) : [],
    };
  });
}

const orderedKeys = (stages: ReadonlyMap<string, Stage>): string[] =>
  inOrder(stages).map(({ last }) => `${last.pipelineName}\0${last.stageName}`);

function differences(fields: AttemptFields, now: Row, before: Row): FieldDifference[] {
  const { feed } = fields;
  const told = new Set([
    feed.key,
    feed.ordering,
    feed.eventTime,
    fields.correlationId,
    fields.status,
    fields.attempt,
    fields.errorMessage,
    fields.rowsIn,
    fields.rowsOut,
    fields.durationMs,
    fields.quality,
  ]);
  return feed.fields.flatMap(({ name, type }, i) => {
    const [a, b] = [now[i] ?? null, before[i] ?? null];
    // Where logs are is another address each time, and says nothing.
    if (told.has(i) || name === "url" || type.kind === "timestamp" || sameValue(a, b)) return [];
    return [{ field: name, before: b, now: a }];
  });
}
