/** The comparison that the crash tests rest on notices what it is there to notice. */
import { expect, it } from "vitest";
import { Promises } from "../support/crash/promises";
import { compareTables } from "../support/crash/verify";
import { pipelineEvent, type PipelineEvent } from "../support/pipeline-event";
import type { PlainRow, PlainTable } from "../support/plain-hudi";

const T0 = Date.UTC(2026, 10, 21, 9);
const COMMIT = "20261121090000000";
const LATER = "20261121090001000";

const first = pipelineEvent({ eventId: "a", eventTimestamp: T0, status: "STARTED" });
const second = { ...first, status: "COMPLETED" as const, lastUpdatedAt: T0 + 1 };

const row = (event: PipelineEvent, commit: string, number: number): PlainRow => ({
  commit,
  seqno: [0, number],
  partition: "event_date=2026-11-21",
  values: { ...event },
});
const table = (rows: PlainRow[], more: Partial<PlainTable> = {}): PlainTable => ({
  rows,
  commits: [COMMIT, LATER],
  pending: [],
  strays: [],
  ...more,
});
const log = [row(first, COMMIT, 0), row(second, LATER, 0)];
const state = [row(second, LATER, 0)];

function promisesOf(...acknowledged: PipelineEvent[]): Promises {
  const promises = new Promises();
  promises.send(acknowledged);
  promises.acknowledge(acknowledged);
  return promises;
}

const faults = (...[logged, held, promises]: Parameters<typeof compareTables>) =>
  compareTables(logged, held, promises).join("\n");

it("has nothing to say when log and state are what was promised", () => {
  expect(faults(table(log), table(state), promisesOf(first, second))).toBe("");
});

it("notices an acknowledged version that is not in the log (invariant 1)", () => {
  const lost = pipelineEvent({ eventId: "b", eventTimestamp: T0 });
  expect(faults(table(log), table(state), promisesOf(first, second, lost))).toContain(
    "1 acknowledged versions are not",
  );
});

it("notices a version that the log holds twice, and one that nobody sent (invariant 2)", () => {
  expect(faults(table([...log, row(second, LATER, 1)]), table(state), promisesOf(first, second))).toContain("twice");
  expect(faults(table(log), table(state), promisesOf(second))).toContain("never sent");
});

it("notices a state that is older than the log, misses a key or has one too many (invariant 2)", () => {
  const promises = promisesOf(first, second);
  expect(faults(table(log), table([row(first, COMMIT, 0)]), promises)).toContain("not the newest version");
  expect(faults(table(log), table([]), promises)).toContain("1 of 1 keys are missing");
  const other = row(pipelineEvent({ eventId: "b", eventTimestamp: T0 }), COMMIT, 0);
  expect(faults(table(log), table([...state, other]), promises)).toContain("1 keys are too many");
});

it("lets arrival decide between versions that nothing else orders", () => {
  const other = { ...second, processedRecordCount: 7 };
  const logged = table([row(other, LATER, 1), ...log]);
  const promises = promisesOf(first, second, other);
  expect(faults(logged, table([row(other, LATER, 1)]), promises)).toBe("");
  expect(faults(logged, table(state), promises)).toContain("not the newest version");
});

it("notices files of no commit, unfinished actions and a state behind its log (invariant 3)", () => {
  const promises = promisesOf(first, second);
  expect(faults(table(log, { strays: ["x.parquet"] }), table(state), promises)).toContain("files of no commit");
  expect(faults(table(log), table(state, { pending: [LATER] }), promises)).toContain("unfinished action");
  expect(faults(table(log), table(state, { commits: [COMMIT] }), promises)).toContain("The log ends at");
});
