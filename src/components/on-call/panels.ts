/** What the lists and the counts show, from everything that is known: one way for the server and the browser. */
import { troublesOf, type HealthState } from "~/model/pipeline-health";
import { marksByProblem } from "~/model/problem-mark";
import type { RecentRun } from "~/model/pipeline";
import type { Problem } from "~/model/problem";
import type { ShownOwner } from "../owner/owner-links";
import type { Around } from "./around";
import { countOnCall, type OnCallCounts } from "./counts";
import type { ShownMark } from "./decided";
import type { ListRow } from "./keyed-list";
import { pipelineMarkup, pipelineRowId } from "./pipeline-markup";
import type { PipelineFacts } from "./pipeline-facts";
import { comparePipelines, judge, type Judged, type PipelineSort } from "./pipeline-order";
import { problemMarkup, problemRowId } from "./problem-markup";
import { compareProblems } from "./problem-order";
import { isUnheard, unheardMarkup, unheardRowId } from "./unheard-markup";

/** Beyond these, the pages of their own are the better place to look. */
export const MOST_PROBLEMS = 24;
export const MOST_PIPELINES = 34;

export interface OnCallState {
  /** Unrecovered ones. */
  problems: readonly Problem[];
  pipelines: readonly PipelineFacts[];
  marks: readonly ShownMark[] | null;
  owners: readonly ShownOwner[];
  sort: PipelineSort;
  states: readonly HealthState[];
}

export interface Panel {
  rows: ListRow[];
  /** `12 problems, 1 muted`. */
  about: string;
}

export interface Panels {
  problems: Panel;
  pipelines: Panel;
  counts: OnCallCounts;
  /** Names of the pipelines that nothing is heard of. */
  unheard: ReadonlySet<string>;
}

/** @param recentOf the runs of a pipeline, null where they are not known */
export function panelsOf(
  state: OnCallState,
  around: Around,
  recentOf: (pipelineName: string) => readonly RecentRun[] | null,
): Panels {
  const troubles = troublesOf(state.problems);
  const judged = state.pipelines.map((facts) => judge(facts, troubles.get(facts.pipelineName) ?? null, around.now));
  const unheard = judged.filter(isUnheard);
  return {
    problems: problemPanel(state, unheard, around),
    pipelines: pipelinePanel(judged, state, around, recentOf),
    counts: countOnCall(judged, state.problems, around.now),
    unheard: new Set(unheard.map(({ facts }) => facts.pipelineName)),
  };
}

/** What fails, what nothing is heard of, and last what somebody has muted. */
function problemPanel({ problems, marks, owners }: OnCallState, unheard: readonly Judged[], around: Around): Panel {
  const marksOf = marksByProblem(marks ?? [], around.now);
  const ownerOf = new Map(owners.map((owner) => [owner.pipelineName, owner]));
  const isMuted = (id: string) => (marksOf.get(id)?.mute ?? null) !== null;
  const sorted = problems.toSorted(compareProblems(around.now, isMuted));
  const counted = sorted.filter(({ id }) => !isMuted(id));
  const problemRow = (problem: Problem) => () => ({
    id: problemRowId(problem.id),
    markup: problemMarkup(
      problem,
      { marks: marksOf.get(problem.id), owner: ownerOf.get(problem.pipelineName) },
      around,
    ),
  });
  const unheardRow = (judged: Judged) => () => ({
    id: unheardRowId(judged.facts.pipelineName),
    markup: unheardMarkup(judged, ownerOf.get(judged.facts.pipelineName), around),
  });
  const rows = [
    ...counted.map(problemRow),
    ...unheard.toSorted(comparePipelines("worst")).map(unheardRow),
    ...sorted.slice(counted.length).map(problemRow),
  ].slice(0, MOST_PROBLEMS);
  return {
    rows: rows.map((row) => row()),
    about: problemsText(counted.length, unheard, problems.length - counted.length),
  };
}

/** What is muted is listed and does not count. */
function problemsText(counted: number, unheard: readonly Judged[], muted: number): string {
  const silent = unheard.filter(({ health }) => health.state === "silent").length;
  const parts = [
    counted === 0 ? "" : `${counted} ${counted === 1 ? "problem" : "problems"}`,
    unheard.length === silent ? "" : `${unheard.length - silent} lost`,
    silent === 0 ? "" : `${silent} silent`,
  ].filter((part) => part !== "");
  return [parts.length === 0 ? "none" : parts.join(", "), ...(muted === 0 ? [] : [`${muted} muted`])].join(", ");
}

function pipelinePanel(
  pipelines: readonly Judged[],
  { sort, states }: OnCallState,
  around: Around,
  recentOf: (pipelineName: string) => readonly RecentRun[] | null,
): Panel {
  const listed = states.length === 0 ? pipelines : pipelines.filter(({ health }) => states.includes(health.state));
  const sorted = listed.toSorted(comparePipelines(sort)).slice(0, MOST_PIPELINES);
  const rows = sorted.map((judged) => {
    const { pipelineName } = judged.facts;
    return { id: pipelineRowId(pipelineName), markup: pipelineMarkup(judged, recentOf(pipelineName), around) };
  });
  const shown = rows.length < listed.length ? `the first ${rows.length} of ${listed.length}` : String(listed.length);
  return { rows, about: shown };
}
