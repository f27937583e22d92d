/** What the page of a problem shows: what it is, who is on it, what was written about it; and what its forms do. */
import type { RequestEventCommon } from "@builder.io/qwik-city";
import type { App } from "../../app";
import { hasRole } from "../../control/actor";
import { listPipelineOwners } from "../../control/pipeline-owner/list-pipeline-owners";
import type { PipelineOwner } from "../../control/pipeline-owner/pipeline-owner";
import type { Note } from "../../control/note/note";
import { listNotes } from "../../control/note/list-notes";
import { listMarksOf } from "../../control/problem-mark/list-marks";
import type { PastMark } from "../../control/problem-mark/problem-mark";
import { withParams } from "../../components/shell/page-url";
import { AppError } from "../../model/app-error";
import type { Problem } from "../../model/problem";
import { actorOf, controlContext } from "../actor";
import { aboutProblem, markedProblem, markProblem, removeNote, unmarkProblem, writeNote } from "../problem-calls";
import { actByForm, outcomeOf, type Outcome } from "./form-outcome";
import { askForPage } from "./page-control";
import { zoneOf } from "./reader-zone";

export interface ProblemPage {
  problem: Problem;
  here: string;
  eventsHref: string;
  beforeHref: string;
  topic: string;
  position: string;
  schemaId: string;
  zone: string;
  now: number;
  /** Null while the database is not there. */
  kept: { marks: readonly PastMark[]; notes: readonly Note[]; owner: PipelineOwner | null } | null;
  mayChange: boolean;
  /** Whose own notes can be deleted; an admin's are all. */
  reader: { id: string; isAdmin: boolean };
  outcome: Outcome | null;
}

const DONE = {
  acknowledged: "The problem is acknowledged. Every open page shows it.",
  muted: "The problem is muted: it is listed and not counted.",
  withdrawn: "It is withdrawn.",
  noted: "The note is kept.",
  deleted: "The note is deleted.",
} as const;

/** @throws AppError not-found */
export async function problemPage(app: App, ev: RequestEventCommon): Promise<ProblemPage> {
  const actor = actorOf(ev);
  const id = ev.params["id"]!;
  const { summary: problem, problem: marked } = markedProblem(app, { actor }, id);
  const { view } = app.live.problem(id)!;
  const { pipelineName, stageName, firstSeen } = problem;
  const snapshot = await app.live.newest(view.feed.name, 0, null);
  const kept = await askForPage(app, ev, async (ctx) => ({
    marks: (await listMarksOf(ctx, marked)).filter(
      ({ kind, endedAt, seenAt }) => kind === "mute" || endedAt !== null || !app.live.hasFailedAnew(id, seenAt),
    ),
    notes: await listNotes(ctx, aboutProblem(app, ctx, id)),
    owner: (await listPipelineOwners(ctx, [pipelineName]))[0] ?? null,
  }));
  return {
    problem,
    here: ev.url.pathname,
    eventsHref: withParams(`/feeds/${view.feed.name}`, { pipelineName, stageName, status: ["FAILED", "RETRYING"] }),
    beforeHref: withParams("/", { at: new Date(firstSeen - 1).toISOString() }),
    topic: `views/${view.name}`,
    position: app.live.viewPosition(snapshot),
    schemaId: view.shape.schemaId,
    zone: zoneOf(ev),
    now: app.clock.now(),
    kept,
    mayChange: hasRole(actor, "operator"),
    reader: { id: actor.id, isAdmin: actor.role === "admin" },
    outcome: outcomeOf(ev, DONE),
  };
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
