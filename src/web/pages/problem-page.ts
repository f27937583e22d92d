/** What the page of a problem shows: what it is, where and since when, who is on it, how it is grouped; and what its forms do. */
import type { RequestEventCommon } from "@builder.io/qwik-city";
import type { App } from "../../app";
import { safeUrl } from "../../components/ui/safe-url";
import { hasRole } from "../../control/actor";
import { listPipelineOwners } from "../../control/pipeline-owner/list-pipeline-owners";
import type { PipelineOwner } from "../../control/pipeline-owner/pipeline-owner";
import type { Note } from "../../control/note/note";
import { listNotes } from "../../control/note/list-notes";
import { listMarksOf } from "../../control/problem-mark/list-marks";
import type { PastMark } from "../../control/problem-mark/problem-mark";
import { listProblemRules } from "../../control/problem-rule/list-problem-rules";
import type { KeptRule } from "../../control/problem-rule/problem-rule";
import { withParams } from "../../components/shell/page-url";
import type { ProblemStory } from "../../live/problem-story";
import { AppError } from "../../model/app-error";
import type { Attempt } from "../../model/attempt";
import { eventTimeOf, fieldIndex, type Feed } from "../../model/feed";
import { firstLine } from "../../model/normalise-error";
import type { Problem } from "../../model/problem";
import { splitId } from "../../model/problem-rule";
import { firstAfter } from "../../model/sorted";
import { actorOf, controlContext } from "../actor";
import { aboutProblem, markProblem, removeNote, unmarkProblem, writeNote } from "../problem-calls";
import { mergeInto, splitOff, undoRule } from "../problem-rule-calls";
import { attemptFeeds } from "./attempt-feed";
import { actByForm, outcomeOf, type Outcome } from "./form-outcome";
import { askForPage } from "./page-control";
import { pageState, pageTime, type PageState } from "./page-time";

export interface ProblemPage {
  state: PageState;
  problem: Problem;
  /** Path of the page, where its forms go. */
  here: string;
  hrefs: { events: string; before: string; first: string; differences: string; batch: string };
  /** The newest failure's message, as it was reported. */
  error: string;
  failures: readonly ShownFailure[];
  /** Where it happened, by name: hosts and versions with the most failures first. */
  where: readonly { name: string; values: readonly { text: string; count: number }[] }[];
  /** Stretches of failing without a completion in between, the newest first. */
  episodes: readonly { from: number; count: number; recoveredAt: number | null; beforeHref: string }[];
  /** First lines that differ among the failures, the most frequent first. */
  variants: readonly { line: string; count: number }[];
  /** Other problems of the stage, which it can be merged into. */
  others: readonly { id: string; error: string }[];
  follow: { feed: string; topic: string; position: string; schemaId: string; id: string } | null;
  zone: string;
  /** The moment that ages count from. */
  now: number;
  /** Null while the database is not there, and on a page of the past: it is of the present. */
  kept: {
    marks: readonly PastMark[];
    notes: readonly Note[];
    owner: PipelineOwner | null;
    rules: readonly KeptRule[];
  } | null;
  mayChange: boolean;
  /** Whose own notes can be deleted; an admin's are all. */
  reader: { id: string; isAdmin: boolean };
  outcome: Outcome | null;
}

export interface ShownFailure {
  at: number;
  batch: string;
  batchHref: string;
  status: string;
  attempt: number;
  host: string;
  version: string;
  line: string;
  logs: string | null;
}

const DONE = {
  acknowledged: "The problem is acknowledged. Every open page shows it.",
  muted: "The problem is muted: it is listed and not counted.",
  withdrawn: "It is withdrawn.",
  noted: "The note is kept.",
  deleted: "The note is deleted.",
  merged: "It is merged: failures of both are one problem from now on, and were.",
  split: "It is split: what has the text is a problem of its own.",
  undone: "It is grouped as before.",
} as const;

const SHOWN_FAILURES = 20;
const SHOWN_EPISODES = 20;
const SHOWN_VALUES = 5;
const SHOWN_VARIANTS = 12;
const SHOWN_OTHERS = 100;

/** @throws AppError not-found, bad-parameter, gone; a redirect to the problem that this one was merged into */
export async function problemPage(app: App, ev: RequestEventCommon): Promise<ProblemPage> {
  const actor = actorOf(ev);
  const id = ev.params["id"]!;
  const { feed, problemsView } = feedOf(app, ev, id);
  const time = await pageTime(app, ev, feed.name);
  const found = await app.live.problemStory(feed.name, id, time.head);
  if (found.story === null) throw elsewhere(app, ev, feed, id);
  const { picture, story } = found;
  const { problem, failures } = story;
  const { pipelineName, stageName, firstSeen, since } = problem;
  const newest = picture.rows[0];
  const state = pageState(time, picture, newest ? eventTimeOf(feed, newest) : null, app.ingest.status(feed.name));
  const isPresent = time.at === null;
  const marked = { feed: feed.name, id };
  const kept = isPresent
    ? await askForPage(app, ev, async (ctx) => ({
        marks: (await listMarksOf(ctx, marked)).filter(
          ({ kind, endedAt, seenAt }) => kind === "mute" || endedAt !== null || !app.live.hasFailedAnew(id, seenAt),
        ),
        notes: await listNotes(ctx, aboutProblem(app, ctx, id)),
        owner: (await listPipelineOwners(ctx, [pipelineName]))[0] ?? null,
        rules: (await listProblemRules(ctx)).filter((rule) => isAbout(rule, id)),
      }))
    : null;
  const { at } = time;
  const stage = { pipelineName, stageName, status: ["FAILED", "RETRYING"] };
  const events = { ...stage, from: new Date(firstSeen).toISOString(), at };
  return {
    state,
    problem,
    here: ev.url.pathname,
    hrefs: {
      events: withParams(`/feeds/${feed.name}`, events),
      differences: withParams(`/feeds/${feed.name}/differences`, events),
      before: withParams("/", { at: new Date(since - 1).toISOString() }),
      first: withParams("/", { at: new Date(firstSeen + FIRST_SHOWN_MS).toISOString() }),
      batch: withParams(`/batches/${encodeURIComponent(problem.lastBatch)}`, { at }),
    },
    error: failures.at(-1)!.error ?? "",
    failures: failures.slice(-SHOWN_FAILURES).reverse().map(shownFailure(feed, at)),
    where: whereOf(feed, failures),
    episodes: episodesOf(story),
    variants: topOf(failures.map(({ error }) => firstLine(error ?? "")), SHOWN_VARIANTS).map(({ text, count }) => ({ line: text, count })), // prettier-ignore
    others: picture
      .derived!.problems.filter(
        (other) => other.pipelineName === pipelineName && other.stageName === stageName && other.id !== id,
      ) // prettier-ignore
      .slice(0, SHOWN_OTHERS)
      .map((other) => ({ id: other.id, error: other.pattern })),
    follow: isPresent
      ? {
          feed: feed.name,
          topic: `views/${problemsView}`,
          position: app.live.viewPosition(picture),
          schemaId: app.live.view(problemsView).shape.schemaId,
          id,
        }
      : null,
    zone: time.zone,
    now: isPresent ? time.now : state.viewedAt,
    kept,
    mayChange: isPresent && hasRole(actor, "operator"),
    reader: { id: actor.id, isAdmin: actor.role === "admin" },
    outcome: outcomeOf(ev, DONE),
  };
}

/** By then what failed was published and committed: the page shows it. */
const FIRST_SHOWN_MS = 2_000;

/** The feed that has it now, else the first that may be read: on a page of the past it may be gone since. */
function feedOf(app: App, ev: RequestEventCommon, id: string): { feed: Feed; problemsView: string } {
  const feeds = attemptFeeds(app, actorOf(ev));
  const now = app.live.problem(id)?.view.feed;
  const { feed, views } = feeds.find(({ feed }) => feed === now) ?? feeds[0]!;
  return { feed, problemsView: views.problems };
}

/** What was merged leads to what it was merged into; else there is none. */
function elsewhere(app: App, ev: RequestEventCommon, feed: Feed, id: string): unknown {
  const into = app.live.regroupingOf(feed.name).standsFor(id);
  if (into !== id) return ev.redirect(302, withParams(`/problems/${into}${ev.url.search}`, {}));
  return new AppError(
    "not-found",
    `There is no problem ${JSON.stringify(id.slice(0, 80))} ${ev.query.has("at") ? "at that time" : "now"}.`,
  );
}

/** Rules that made the problem what it is, or took something out of it. */
const isAbout = (rule: KeptRule, id: string): boolean =>
  rule.problemId === id || (rule.kind === "merge" ? rule.into === id : splitId(rule.problemId, rule.containing) === id);

function shownFailure(feed: Feed, at: string | null): (failure: Attempt) => ShownFailure {
  const [host, version, url] = ["host", "version", "url"].map((name) => fieldIndex(feed, name));
  const textOf = ({ last }: Attempt, index: number | undefined) =>
    index === undefined || index < 0 ? "" : String(last[index] ?? "");
  return (failure) => ({
    at: failure.updatedAt,
    batch: failure.correlationId,
    batchHref: withParams(`/batches/${encodeURIComponent(failure.correlationId)}`, { at }),
    status: failure.status,
    attempt: failure.attempt,
    host: textOf(failure, host),
    version: textOf(failure, version),
    line: firstLine(failure.error ?? ""),
    logs: safeUrl(textOf(failure, url)),
  });
}

function whereOf(feed: Feed, failures: readonly Attempt[]): ProblemPage["where"] {
  return (["host", "version"] as const).flatMap((name) => {
    const index = fieldIndex(feed, name);
    if (index < 0) return [];
    const values = failures.map(({ last }) => last[index]).filter((value) => typeof value === "string");
    const top = topOf(values, SHOWN_VALUES);
    return top.length === 0 ? [] : [{ name: name === "host" ? "Hosts" : "Versions", values: top }];
  });
}

function topOf(texts: readonly string[], most: number): { text: string; count: number }[] {
  const counts = new Map<string, number>();
  for (const text of texts) counts.set(text, (counts.get(text) ?? 0) + 1);
  return [...counts]
    .map(([text, count]) => ({ text, count }))
    .sort((a, b) => b.count - a.count || (a.text < b.text ? -1 : 1))
    .slice(0, most);
}

function episodesOf({ failures, completions }: ProblemStory): ProblemPage["episodes"] {
  const episodes: { from: number; count: number; recoveredAt: number | null; beforeHref: string }[] = [];
  for (const { updatedAt: from } of failures) {
    const last = episodes.at(-1);
    if (last && (last.recoveredAt === null || last.recoveredAt >= from)) {
      last.count++;
      last.recoveredAt = firstAfter(completions, from);
      continue;
    }
    const beforeHref = withParams("/", { at: new Date(from - 1).toISOString() });
    episodes.push({ from, count: 1, recoveredAt: firstAfter(completions, from), beforeHref });
  }
  return episodes.slice(-SHOWN_EPISODES).reverse();
}

/** @throws a redirect, AppError bad-body */
export async function actOnProblem(app: App, ev: RequestEventCommon, form: URLSearchParams): Promise<void> {
  const ctx = controlContext(app, ev);
  const id = ev.params["id"]!;
  const field = (name: string) => form.get(name) ?? "";
  const marked = (kind: "acknowledgement" | "mute") =>
    markProblem(
      app,
      ctx,
      { id, kind },
      { reason: field("reason"), expiresAt: expiryOf(field("for"), app.clock.now()) },
    );
  await actByForm(ev, ev.url.pathname, async () => {
    switch (form.get("do")) {
      case "acknowledge":
        await marked("acknowledgement");
        return "acknowledged";
      case "mute":
        await marked("mute");
        return "muted";
      case "unacknowledge":
        await unmarkProblem(app, ctx, id, "acknowledgement");
        return "withdrawn";
      case "unmute":
        await unmarkProblem(app, ctx, id, "mute");
        return "withdrawn";
      case "merge":
        await mergeInto(app, ctx, id, { into: field("into") });
        return "merged";
      case "split":
        await splitOff(app, ctx, id, { containing: field("containing") });
        return "split";
      case "undo":
        await undoRule(app, ctx, field("rule"));
        return "undone";
      case "note":
        await writeNote(app, ctx, aboutProblem(app, ctx, id), { text: field("text") });
        return "noted";
      case "delete-note":
        await removeNote(app, ctx, aboutProblem(app, ctx, id), field("note"));
        return "deleted";
      default:
        throw new AppError("bad-body", `There is nothing to do called ${JSON.stringify(field("do").slice(0, 40))}.`);
    }
  });
}

/** Minutes from now, as the form offers them. @throws AppError bad-parameter */
function expiryOf(minutes: string, now: number): number {
  if (/^\d{1,5}$/.test(minutes)) return now + Number(minutes) * 60_000;
  throw new AppError("bad-parameter", `for: must be minutes, not ${JSON.stringify(minutes.slice(0, 40))}.`, {
    parameter: "for",
  });
}
