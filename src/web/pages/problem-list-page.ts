/** What the list of problems shows: filtered by state, pipeline and text, the worst first, as of one commit. */
import type { RequestEventCommon } from "@builder.io/qwik-city";
import type { App } from "../../app";
import { listExportLinks, type ExportLink } from "../../components/export/export-links";
import { shownMark, type ShownMark } from "../../components/on-call/decided";
import { withParams } from "../../components/shell/page-url";
import { AppError } from "../../model/app-error";
import type { Problem, ProblemState } from "../../model/problem";
import { marksByProblem } from "../../model/problem-mark";
import { compareText } from "../../model/value";
import { rowToProblem } from "../../model/view";
import { actorOf } from "../actor";
import { wholeParameter } from "../parameters";
import { currentMarks } from "../problem-calls";
import { attemptFeeds, wantedFeeds } from "./attempt-feed";
import { LISTED, MOST_LISTED, moreLines } from "./list-limit";
import { askForPage } from "./page-control";
import { hereOf, pageState, pageTime, type PageState } from "./page-time";

export const PROBLEM_STATES = ["failing", "retrying", "recovered"] as const satisfies readonly ProblemState[];

export interface ProblemListPage {
  state: PageState;
  title: string;
  /** Of all problems, whatever is filtered. */
  counts: readonly { state: ProblemState; count: number; href: string; isChosen: boolean }[];
  total: number;
  allHref: string;
  text: string;
  pipeline: string;
  pipelines: readonly string[];
  /** Parameters that the form of the filter must keep. */
  kept: readonly [string, string][];
  feeds: readonly { label: string; href: string; isCurrent: boolean }[];
  problems: readonly (Problem & { href: string; marks: readonly ShownMark[] })[];
  matching: number;
  moreHref: string | null;
  /** The moment that ages and trends count from. */
  now: number;
  exports: readonly ExportLink[];
  /** What the longer export holds. */
  allText: string;
  follow: { feed: string; topic: string; position: string; schemaId: string } | null;
}

const SHOWN_PIPELINES = 500;
const RANK = { failing: 0, retrying: 1, recovered: 2 } as const;

/**
 * What the address asks for, as of its time.
 *
 * @param fallback how many lines, unless the address says it
 * @throws as `problemListPage`
 */
export async function listedProblems(app: App, ev: RequestEventCommon, fallback = LISTED) {
  const { feed, views } = wantedFeeds(app, actorOf(ev), ev.query.get("feed"))[0]!;
  const time = await pageTime(app, ev, feed.name);
  const states = statesIn(ev.query.getAll("state"));
  const [text, pipeline] = [ev.query.get("q") ?? "", ev.query.get("pipeline") ?? ""];
  const limit = wholeParameter(ev.query, "limit", fallback, MOST_LISTED);
  const overview = await app.live.overview(feed.name, 1, time.head);
  const problems = overview.problems.map(rowToProblem);
  const matching = problems.filter(matchesProblem({ states, text, pipeline })).sort(compareListed);
  return {
    feed,
    views,
    time,
    states,
    text,
    pipeline,
    overview,
    problems,
    matching,
    shown: matching.slice(0, limit),
    limit,
  };
}

/** @throws AppError bad-parameter, unknown-feed, gone, forbidden; a redirect that makes a relative time absolute */
export async function problemListPage(app: App, ev: RequestEventCommon): Promise<ProblemListPage> {
  const here = hereOf(ev);
  const all = attemptFeeds(app, actorOf(ev));
  const {
    feed,
    views,
    time,
    states: chosen,
    text,
    pipeline,
    overview,
    problems,
    ...found
  } = await listedProblems(app, ev);
  const { matching, shown, limit } = found;
  const newest = overview.rows[0];
  const newestEventAt = newest ? (newest[feed.eventTime] as number) : null;
  const state = pageState(time, overview, newestEventAt, app.ingest.status(feed.name));
  const marks = time.at === null ? await askForPage(app, ev, (ctx) => currentMarks(app, ctx)) : null;
  const marksOf = marksByProblem(marks ?? [], time.now);
  return {
    state,
    title: feed.title,
    counts: PROBLEM_STATES.map((one) => ({
      state: one,
      count: problems.filter((problem) => problem.state === one).length,
      href: withParams(here, { state: toggled(chosen, one), limit: null }),
      isChosen: chosen.includes(one),
    })),
    total: problems.length,
    allHref: withParams(here, { state: null, q: null, pipeline: null, limit: null }),
    text,
    pipeline,
    pipelines: [...new Set(problems.map(({ pipelineName }) => pipelineName))]
      .sort(compareText)
      .slice(0, SHOWN_PIPELINES),
    kept: [...ev.query].filter(([name]) => !["q", "pipeline", "limit"].includes(name)),
    feeds:
      all.length < 2
        ? []
        : all.map((one) => ({
            label: one.feed.title,
            href: withParams(here, { feed: one.feed.name, limit: null }),
            isCurrent: one.feed === feed,
          })),
    problems: shown.map((problem) => ({
      ...problem,
      href: withParams(`/problems/${problem.id}`, { at: time.at }),
      marks: Object.values(marksOf.get(problem.id) ?? {})
        .filter((mark) => mark !== null)
        .map(shownMark),
    })),
    matching: matching.length,
    moreHref: shown.length < matching.length ? withParams(here, { limit: moreLines(limit) }) : null,
    now: time.at === null ? time.now : state.viewedAt,
    exports: listExportLinks(here, limit, MOST_LISTED),
    allText: matching.length > MOST_LISTED ? `The first ${MOST_LISTED}` : "All that match",
    follow:
      time.at === null
        ? {
            feed: feed.name,
            topic: `views/${views.problems}`,
            position: app.live.viewPosition(overview),
            schemaId: app.live.view(views.problems).shape.schemaId,
          }
        : null,
  };
}

export interface ProblemFilter {
  /** None = any. */
  states: readonly ProblemState[];
  /** Part of the error, the pipeline or the stage, in whatever case. */
  text: string;
  /** The whole name; empty = any. */
  pipeline: string;
}

export function matchesProblem({ states, text, pipeline }: ProblemFilter): (problem: Problem) => boolean {
  const needle = text.toLowerCase();
  return (problem) =>
    (states.length === 0 || states.includes(problem.state)) &&
    (pipeline === "" || problem.pipelineName === pipeline) &&
    (needle === "" ||
      [problem.error, problem.pipelineName, problem.stageName].some((part) => part.toLowerCase().includes(needle)));
}

const compareListed = (a: Problem, b: Problem): number =>
  RANK[a.state] - RANK[b.state] || b.lastSeen - a.lastSeen || compareText(a.id, b.id);

const toggled = (chosen: readonly ProblemState[], state: ProblemState): readonly ProblemState[] | null => {
  const left = chosen.includes(state) ? chosen.filter((one) => one !== state) : [...chosen, state];
  return left.length === 0 ? null : left;
};

/** @throws AppError bad-parameter */
function statesIn(texts: readonly string[]): ProblemState[] {
  return texts
    .filter((text) => text !== "")
    .map((text) => {
      const found = PROBLEM_STATES.find((state) => state === text);
      if (found) return found;
      throw new AppError(
        "bad-parameter",
        `state=${JSON.stringify(text.slice(0, 40))} is no state of a problem: there are ${PROBLEM_STATES.join(", ")}.`,
        { parameter: "state" },
      );
    });
}
