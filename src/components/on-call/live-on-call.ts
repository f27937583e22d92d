/**
 * The browser's side of the on-call page: what it was rendered with, moved by the frames of two derived views, by what people
 * decide and by the clock. It owns the DOM of the panels, and no framework state.
 */
import type { StatusCounts, ViewDelta } from "~/model/delta";
import type { RecentRun } from "~/model/pipeline";
import { nextExpiry } from "~/model/problem-mark";
import { rowToPipeline, rowToProblem } from "~/model/view";
import type { ShownOwner } from "../owner/owner-links";
import { askProblems, askRuns } from "./ask";
import { dayCutAt } from "./counts";
import { writeCounts } from "./counts-markup";
import { ASK_AGAIN_MS, type ShownMark } from "./decided";
import { followedPanel } from "./followed-panel";
import { KnownProblems } from "./known-problems";
import type { OnCallData } from "./on-call-data";
import { MOST_PROBLEMS, panelsOf } from "./panels";
import { factsOf, unpackFacts, type PipelineFacts } from "./pipeline-facts";
import { idOfRowId, isProblemRow } from "./problem-markup";
import { isUnrecovered } from "./problem-order";
import { newsOfProblems, newsOfUnheard, speaker } from "./speak";
import { moveCommitAge } from "./table-line";

export interface OnCallLive {
  apply(topic: string, delta: ViewDelta): void;
  setCounts(counts: StatusCounts): void;
  /** What people decided, asked for again. */
  decided(marks: readonly ShownMark[], owners: readonly ShownOwner[]): void;
  /** The server's clock, as far as something is known until then; shown once a minute, and when something ends. */
  tick(now: number): void;
  release(): void;
  close(): void;
}

const MINUTE_MS = 60_000;

export function liveOnCall(data: OnCallData): OnCallLive {
  const { follow } = data;
  const problems = new KnownProblems();
  const pipelines = new Map<string, PipelineFacts>();
  const recents = new Map<string, readonly RecentRun[]>();
  for (const facts of unpackFacts(data.pipelines)) pipelines.set(facts.pipelineName, facts);
  let { marks, owners, day, dayCutAt: cutAt, around } = data;
  let position = follow?.pipelines.position ?? null;
  let committedAt: number | null = null;
  let latest = around.now;
  const say = speaker(document.getElementById("oc-said"));
  const lists = [followedPanel("problems"), followedPanel("pipelines")] as const;
  const leaving = new AbortController();
  const asked = new Set<string>();
  /** Pipelines that nothing was heard of when the lists were shown last; null = never shown yet. */
  let unheard: ReadonlySet<string> | null = null;

  let isDue = false;
  /** What came together is shown once. */
  const showSoon = () => {
    if (isDue) return;
    isDue = true;
    queueMicrotask(show);
  };
  const show = () => {
    isDue = false;
    if (!problems.isComplete) return;
    around = { ...around, now: latest };
    const known = { problems: problems.all(), pipelines: [...pipelines.values()], marks, owners };
    const { sort, states, words } = data;
    const panels = panelsOf({ ...known, sort, states }, around, (name) => recents.get(name) ?? null);
    lists[0]?.show(panels.problems);
    lists[1]?.show(panels.pipelines);
    if (unheard !== null) say(newsOfUnheard(unheard, panels.unheard, pipelines));
    unheard = panels.unheard;
    const tables = document.getElementById("oc-tables");
    if (tables) moveCommitAge(tables, committedAt, around.now);
    const counts = document.getElementById("oc-counts");
    if (counts) writeCounts(counts, { words, day, dayCutAt: cutAt, states: panels.counts }, around);
    void askForRuns();
  };
  /** Strips of rows that came into the list without a change of their own. */
  const askForRuns = async () => {
    const missing = (lists[1]?.withoutRuns() ?? []).filter((name) => !asked.has(name) && !recents.has(name));
    if (missing.length === 0 || follow === null) return;
    for (const name of missing) asked.add(name);
    const found = await askRuns(follow.pipelines.topic, position!, missing, leaving.signal);
    for (const name of missing) asked.delete(name);
    // What a frame brought meanwhile is newer.
    for (const [name, runs] of found) if (!recents.has(name)) recents.set(name, runs);
    if (found.length > 0) showSoon();
  };
  const begin = async () => {
    const found = await askProblems(follow!.problems.topic, leaving.signal);
    if (leaving.signal.aborted) return;
    if (found === null) return void setTimeout(() => void begin(), ASK_AGAIN_MS);
    const before = renderedProblems();
    problems.begin(found);
    if (before !== null) say(newsOfProblems(before, problems.all()));
    showSoon();
  };
  if (follow) void begin();
  else problems.begin([]);

  return {
    apply(topic, delta) {
      committedAt = delta.at;
      if (topic === follow?.problems.topic) {
        const before = problems.all();
        problems.apply(delta);
        if (problems.isComplete) say(newsOfProblems(before, problems.all()));
        marks = withoutRecovered(marks, delta);
      } else {
        position = delta.to;
        for (const name of delta.del) for (const known of [pipelines, recents]) known.delete(name);
        for (const row of delta.up) {
          const summary = rowToPipeline(row);
          pipelines.set(summary.pipelineName, factsOf(summary));
          recents.set(summary.pipelineName, summary.recent);
        }
      }
      showSoon();
    },
    setCounts(counts) {
      day = counts.day;
      cutAt = dayCutAt(counts, data.hotRows);
      showSoon();
    },
    decided(nextMarks, nextOwners) {
      [marks, owners] = [nextMarks, nextOwners];
      showSoon();
    },
    tick(now) {
      // What expires now is over now, not within the minute.
      const isOver = (nextExpiry(marks ?? [], around.now) ?? Infinity) <= now;
      latest = now;
      if (isOver || now - around.now >= MINUTE_MS) showSoon();
    },
    release() {
      for (const list of lists) list?.release();
    },
    close() {
      leaving.abort();
      for (const list of lists) list?.close();
      say(null);
    },
  };
}

/** Who was on a problem that recovered is not on what fails anew: the server says so a moment later. */
export function withoutRecovered(
  marks: readonly ShownMark[] | null,
  { up }: Pick<ViewDelta, "up">,
): readonly ShownMark[] | null {
  if (marks === null || marks.length === 0) return marks;
  const recovered = new Set(up.map(rowToProblem).filter((problem) => !isUnrecovered(problem)).map(({ id }) => id)); // prettier-ignore
  if (recovered.size === 0) return marks;
  return marks.filter(({ kind, problemId }) => kind === "mute" || !recovered.has(problemId));
}

/** What the page was rendered with, for what is news since; null when it lists only some of them. */
function renderedProblems(): { id: string; pipelineName: string; stageName: string }[] | null {
  const rows = [...document.querySelectorAll<HTMLTableRowElement>("#problems > tr")];
  if (rows.length >= MOST_PROBLEMS) return null;
  return rows.filter(isProblemRow).map((row) => {
    const { firstChild, lastChild } = row.querySelector("th a")!;
    return { id: idOfRowId(row.id), pipelineName: firstChild!.textContent!, stageName: lastChild!.textContent! };
  });
}
