/** What calls and pages do with the verbs of problems: find the problem, do it, tell the open pages. */
import type { App } from "../app";
import type { ControlContext } from "../control/context";
import { mayUseFeed } from "../control/actor";
import { addNote } from "../control/note/add-note";
import { deleteNote } from "../control/note/delete-note";
import { listNotes } from "../control/note/list-notes";
import type { Note, NoteSubject } from "../control/note/note";
import { withdrawMark } from "../control/problem-mark/end-mark";
import { listMarks, listMarksOf } from "../control/problem-mark/list-marks";
import { acknowledgeProblem, muteProblem } from "../control/problem-mark/mark-problem";
import type { MarkedProblem, PastMark } from "../control/problem-mark/problem-mark";
import { AppError } from "../model/app-error";
import { isInstant } from "../model/instant";
import type { MarkKind, ProblemMark } from "../model/problem-mark";

type Parts = Pick<App, "live" | "announceNote">;
type Asking = Pick<ControlContext, "actor">;

/** In force, without acknowledgements of what has failed anew since. @throws AppError control-unavailable */
export async function currentMarks(app: Parts, ctx: ControlContext): Promise<ProblemMark[]> {
  return (await listMarks(ctx)).filter(
    (mark) => mark.kind === "mute" || !app.live.hasFailedAnew(mark.problemId, mark.seenAt),
  );
}

/** @throws AppError as the verbs; not-found, conflict when there is nothing to acknowledge */
export async function markProblem(
  app: Parts,
  ctx: ControlContext,
  { id, kind }: { id: string; kind: MarkKind },
  input: unknown,
): Promise<ProblemMark> {
  const { problem, state } = markedProblem(app, ctx, id);
  if (kind === "acknowledgement" && state === "recovered")
    throw new AppError("conflict", "The problem has recovered: there is nothing to acknowledge.");
  const mark = await (kind === "mute" ? muteProblem : acknowledgeProblem)(ctx, problem, input);
  app.announceNote({ topic: topicOf(app, ctx, id), kind: "mark", ref: id });
  return mark;
}

/** @throws AppError forbidden, not-found, control-unavailable */
export async function unmarkProblem(app: Parts, ctx: ControlContext, id: string, kind: MarkKind): Promise<void> {
  await withdrawMark(ctx, { id, feed: feedOf(app, ctx, id) }, kind);
  app.announceNote({ topic: topicOf(app, ctx, id), kind: "mark", ref: id });
}

/** Also of a problem that has left the window. @throws AppError forbidden, control-unavailable */
export async function marksOf(app: Parts, ctx: ControlContext, id: string, kind: MarkKind): Promise<PastMark[]> {
  return (await listMarksOf(ctx, { id, feed: feedOf(app, ctx, id) })).filter((mark) => mark.kind === kind);
}

export const notesOf = (ctx: ControlContext, subject: NoteSubject): Promise<Note[]> => listNotes(ctx, subject);

/** @throws AppError as the verb */
export async function writeNote(app: Parts, ctx: ControlContext, subject: NoteSubject, input: unknown): Promise<Note> {
  const added = await addNote(ctx, subject, input);
  app.announceNote(frameOf(app, ctx, subject));
  return added;
}

/** @throws AppError as the verb */
export async function removeNote(app: Parts, ctx: ControlContext, subject: NoteSubject, id: unknown): Promise<void> {
  await deleteNote(ctx, subject, id);
  app.announceNote(frameOf(app, ctx, subject));
}

/** @throws AppError not-found when the one who asks may see no problems */
export const aboutProblem = (app: Parts, ctx: Asking, id: string): NoteSubject => ({
  about: "problem",
  feed: feedOf(app, ctx, id),
  ref: id,
});

/** @throws AppError unknown-feed, bad-parameter */
export function aboutInstant(app: Pick<App, "feed">, feedName: string, instant: string): NoteSubject {
  const feed = app.feed(feedName).name;
  if (isInstant(instant)) return { about: "instant", feed, ref: instant };
  throw new AppError(
    "bad-parameter",
    `An instant has 17 digits, such as 20261121101500123: ${JSON.stringify(instant.slice(0, 40))} is none.`,
    { parameter: "instant" },
  );
}

/** @throws AppError not-found, also when it is of a feed that one may not read */
export function markedProblem(app: Pick<App, "live">, { actor }: Asking, id: string) {
  const found = app.live.problem(id);
  if (!found || !mayUseFeed(actor, "read", found.view.feed.name))
    throw new AppError("not-found", `There is no problem ${JSON.stringify(id.slice(0, 80))} now.`);
  const { pipelineName, stageName, error, lastSeen, state } = found.problem;
  const problem: MarkedProblem = { feed: found.view.feed.name, id, pipelineName, stageName, error, lastSeen };
  return { problem, state, summary: found.problem };
}

const feedOf = (app: Parts, ctx: Asking, id: string): string => viewOf(app, ctx, id).feed.name;

/**
 * Of problems that have left the window, the first view of problems that the one who asks may see. One that they may not see is
 * as if it had left.
 */
function viewOf({ live }: Parts, { actor }: Asking, id: string) {
  const mayRead = ({ feed }: { feed: { name: string } }) => mayUseFeed(actor, "read", feed.name);
  const own = live.problem(id)?.view;
  const view = own && mayRead(own) ? own : live.views().find((one) => one.view === "problems" && mayRead(one));
  if (view) return view;
  throw new AppError("not-found", `There is no problem ${JSON.stringify(id.slice(0, 80))} now.`);
}

const topicOf = (app: Parts, ctx: Asking, id: string): `views/${string}` => `views/${viewOf(app, ctx, id).name}`;

const frameOf = (app: Parts, ctx: Asking, { about, feed, ref }: NoteSubject) =>
  about === "problem"
    ? ({ topic: topicOf(app, ctx, ref), kind: "problem-note", ref } as const)
    : ({ topic: `feeds/${feed}`, kind: "instant-note", ref } as const);
