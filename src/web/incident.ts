/** The report of an incident: put together from the problem as it is now, its attempts, and what people decided. */
import type { RequestEventCommon } from "@builder.io/qwik-city";
import type { App } from "../app";
import { requireRole } from "../control/actor";
import type { ControlContext } from "../control/context";
import { listNotes } from "../control/note/list-notes";
import { listMarksOf } from "../control/problem-mark/list-marks";
import { AppError } from "../model/app-error";
import { attemptFields, type Attempt } from "../model/attempt";
import { keyOf, type Feed } from "../model/feed";
import { EVERYTHING } from "../model/filter";
import { incidentMarkdown, type IncidentReport } from "../model/incident-report";
import { timeOf, type Instant } from "../model/instant";
import { AttemptFold } from "../model/view-fold";
import { actorOf } from "./actor";
import { pinAt } from "./pin-calls";
import { askForPage } from "./pages/page-control";
import { aboutProblem, markedProblem } from "./problem-calls";

const MOST_EVENTS = 20_000;
const MOST_BATCHES = 50;
const MOST_STEPS = 60;

/** The moments of an incident that a report leads to. */
interface Moments {
  /** The commit before the first failure was known, and the one by which it was. */
  before: Instant | null;
  first: Instant | null;
  /** The commit that the report is of. */
  now: Instant | null;
}

/** @throws AppError not-found */
export async function sendIncident(app: App, ev: RequestEventCommon): Promise<void> {
  const { id, feed, report } = await reportOf(app, ev);
  ev.headers.set("Content-Type", "text/markdown; charset=utf-8");
  ev.headers.set("Content-Disposition", `inline; filename="incident-${/^[\w-]{1,80}$/.exec(id)?.[0] ?? "report"}.md"`);
  ev.headers.set("Weir-Instant", (await momentOf(app, feed)).instant ?? "0");
  ev.send(200, incidentMarkdown(report));
}

/** Pins the moments of the incident and leads to the report. @throws a redirect, AppError not-found, forbidden */
export async function pinIncident(app: App, ev: RequestEventCommon): Promise<void> {
  const actor = actorOf(ev);
  requireRole({ actor }, "operator");
  const id = ev.params["id"]!;
  const { summary, problem } = markedProblem(app, { actor }, id);
  const feed = app.feed(problem.feed);
  const { failures } = await attemptsOf(app, feed, summary);
  const moments = await momentsOf(app, feed, failures);
  const pinned = new Set(pinsOf(app, feed));
  const note = `Incident: ${summary.pipelineName} › ${summary.stageName}`.slice(0, 200);
  for (const instant of new Set(Object.values(moments) as (Instant | null)[]))
    if (instant !== null && !pinned.has(instant)) await pinAt(app, ev, feed.name, instant, note);
  throw ev.redirect(303, `/problems/${encodeURIComponent(id)}/incident`);
}

async function reportOf(app: App, ev: RequestEventCommon) {
  const actor = actorOf(ev);
  const id = ev.params["id"]!;
  const { summary, problem } = markedProblem(app, { actor }, id);
  const feed = app.feed(problem.feed);
  const { failures, steps } = await attemptsOf(app, feed, summary);
  const moments = await momentsOf(app, feed, failures);
  const batches = [...new Set(failures.map(({ correlationId }) => correlationId).reverse())];
  const url = (path: string, at: Instant | null) => `${ev.url.origin}${path}${at === null ? "" : `?at=${at}`}`;
  const ask = async (ctx: ControlContext) => ({
    marks: await listMarksOf(ctx, problem),
    notes: (await listNotes(ctx, aboutProblem(app, ctx, id))).map(({ author, createdAt, text }) => ({
      by: author.name,
      at: createdAt,
      text,
    })),
  });
  const report: IncidentReport = {
    problem: summary,
    feedTitle: feed.title,
    message: failures.at(-1)?.error ?? summary.error,
    asOf: app.clock.now(),
    batches: batches
      .slice(0, MOST_BATCHES)
      .map((batch) => ({ id: batch, url: url(`/batches/${encodeURIComponent(batch)}`, moments.now) })),
    batchesInAll: batches.length,
    ...shortened(steps),
    links: linksOf(app, feed, moments, (instant) => url("/", instant)),
    people: await askForPage(app, ev, ask),
  };
  return { id, feed, report };
}

/** Attempts of the problem's stage, from its first failure on. */
async function attemptsOf(
  app: App,
  feed: Feed,
  {
    id,
    pipelineName,
    stageName,
    firstSeen,
  }: { id: string; pipelineName: string; stageName: string; firstSeen: number },
): Promise<{ failures: readonly Attempt[]; steps: readonly Attempt[] }> {
  const fields = attemptFields(feed);
  if (fields === null)
    throw new AppError("not-found", `The feed ${feed.name} has no events of which problems are made.`);
  const only = (field: number, value: string) => ({ field, negated: false, values: [value] });
  const columns = [only(fields.pipelineName, pipelineName), only(fields.stageName, stageName)];
  const { rows } = await app.live.page(`feeds/${feed.name}`, {
    filter: { ...EVERYTHING, columns },
    limit: MOST_EVENTS,
    at: null,
  });
  const fold = new AttemptFold(fields, rows);
  const batches = new Set(rows.map((row) => row[fields.correlationId] as string));
  const attempts = [...batches].flatMap((batch) => fold.attemptsOf(batch)).sort((a, b) => a.updatedAt - b.updatedAt);
  const failures = app.live.failuresOf(id);
  return { failures, steps: attempts.filter(({ updatedAt }) => updatedAt >= firstSeen) };
}

async function momentsOf(app: App, feed: Feed, failures: readonly Attempt[]): Promise<Moments> {
  const { reader } = app.tables(feed.name);
  const now = (await momentOf(app, feed)).instant;
  const first = failures[0];
  if (first === undefined) return { before: null, first: null, now };
  const versions = await reader.history(keyOf(feed, first.last));
  const failed = versions.find(({ row }) => row[feed.status!] === "FAILED" || row[feed.status!] === "RETRYING");
  if (!failed) return { before: null, first: null, now };
  const before = await reader.resolve({ time: timeOf(failed.instant) - 1 });
  return { before: before.kind === "head" ? before.instant : null, first: failed.instant, now };
}

const momentOf = (app: App, feed: Feed) => app.live.newest(feed.name, 0, null);

const pinsOf = (app: App, feed: Feed): Instant[] =>
  app
    .tables(feed.name)
    .pins.pins()
    .map(({ instant }) => instant);

const LABELS = {
  before: "On-call page just before the first failure",
  first: "On-call page when the first failure was known",
  now: "On-call page when this was written",
} as const;

function linksOf(app: App, feed: Feed, moments: Moments, urlOf: (instant: Instant) => string): IncidentReport["links"] {
  const pinned = new Set(pinsOf(app, feed));
  return (["before", "first", "now"] as const).flatMap((name) => {
    const instant = moments[name];
    return instant === null ? [] : [{ label: LABELS[name], url: urlOf(instant), pinned: pinned.has(instant) }];
  });
}

/** The beginning and the end of what happened. */
function shortened(attempts: readonly Attempt[]): Pick<IncidentReport, "steps" | "stepsLeftOut"> {
  const all = attempts.map(({ updatedAt, status, correlationId, attempt }) => ({
    ...{ at: updatedAt, status, attempt },
    batch: correlationId,
  }));
  if (all.length <= MOST_STEPS) return { steps: all, stepsLeftOut: 0 };
  const half = MOST_STEPS / 2;
  return { steps: [...all.slice(0, half), ...all.slice(-half)], stepsLeftOut: all.length - MOST_STEPS };
}
