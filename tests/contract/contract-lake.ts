/** Lakes of a contract: how an engine makes one, and how a generated history is committed to it and to the model. */
import { expect } from "vitest";
import type { Clock } from "~/clock";
import type { Lake } from "~/lake/open";
import type { SnapshotQuery } from "~/lake/reader";
import type { Commit, FeedWriter } from "~/lake/writer";
import { EVERYTHING } from "~/model/filter";
import type { Position } from "~/model/position";
import { NINE } from "../support/pipeline-feed";
import type { GeneratedCommit } from "./generated-history";
import type { ModelLake } from "./model-lake";

export interface LakeUnderTest {
  clock: Clock;
  /** How long superseded slices are kept: what is older is read from the log. */
  retainMs: number;
}

export interface EngineTells {
  /** A question takes it the better part of a second: of instants, ranges and pages it is asked for fewer. */
  isSlow?: boolean;
}

export type OpenLake = (options: LakeUnderTest) => Promise<{ lake: Lake; remove(): Promise<void> }>;

export const NO_LIMIT = 1_000_000;

export const all = (at: Position): SnapshotQuery => ({ at, filter: EVERYTHING, limit: NO_LIMIT });

/** A clock that stands still between commits. */
export function commitClock(): Clock & { set(ms: number): void } {
  let now = NINE;
  return { now: () => now, set: (ms) => void (now = ms) };
}

export async function land(
  writer: FeedWriter,
  model: ModelLake,
  clock: Clock & { set(ms: number): void },
  history: readonly GeneratedCommit[],
  maintained: boolean,
  {
    withoutHistory = false,
    withoutRepetitions = false,
    onMaintained = () => undefined,
  }: {
    withoutHistory?: boolean;
    withoutRepetitions?: boolean;
    onMaintained?(commits: readonly Commit[]): void;
  } = {},
): Promise<void> {
  for (const [n, { at, rows }] of history.entries()) {
    clock.set(NINE + at);
    const unseen = model.unseen(rows);
    const sent = withoutRepetitions ? unseen : rows;
    const commit = await writer.commit([{ name: `batch-${n}`, path: "", rows: () => Promise.resolve(sent) }]);
    if (commit === null) expect(unseen).toEqual([]);
    else if (withoutHistory || unseen.length > 0) model.commit(commit.instant, unseen);
    if (maintained) onMaintained(await writer.maintain());
  }
}

export async function close(lake: { lake: Lake; remove(): Promise<void> }): Promise<void> {
  await lake.lake.close();
  await lake.remove();
}
