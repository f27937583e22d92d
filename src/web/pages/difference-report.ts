/** What changed between two instants as a report, put together from their difference and what people decided. */
import type { RequestEventCommon } from "@builder.io/qwik-city";
import type { App } from "../../app";
import { pipelineHref } from "../../components/pipeline/pipeline-href";
import { withParams } from "../../components/shell/page-url";
import { requireRole } from "../../control/actor";
import type { ControlContext } from "../../control/context";
import { listNotes } from "../../control/note/list-notes";
import { listMarksOf } from "../../control/problem-mark/list-marks";
import type { Feed } from "../../model/feed";
import { differenceMarkdown, type DifferenceReport } from "../../model/difference-report";
import { changedBatches, changedProblems, summarise, type Changed } from "../../model/difference-summary";
import { timeOf, type Instant } from "../../model/instant";
import type { Problem } from "../../model/problem";
import { actorOf } from "../actor";
import { differenceEnds, type DifferenceEnds } from "../difference-ends";
import { addressOfDifference, chosenFeed } from "./difference-page";
import { askForPage } from "./page-control";
import { onlyParameters } from "../parameters";
import { pinAt } from "../pin-calls";

/** What people decided is asked for each of so many problems. */
const MOST_DECIDED = 20;

/** @throws AppError bad-parameter, unknown-feed, forbidden, gone */
export async function sendDifferenceReport(app: App, ev: RequestEventCommon): Promise<void> {
  const { feed, ends } = await endsOf(app, ev);
  const report = await reportOf(app, ev, feed, ends);
  ev.headers.set("Content-Type", "text/markdown; charset=utf-8");
  const instants = [ends.from.instant, ends.to.instant].map((instant) => instant ?? "0").join("-");
  ev.headers.set("Content-Disposition", `inline; filename="difference-${instants}.md"`);
  ev.headers.set("Weir-Instant", ends.to.instant ?? "0");
  ev.send(200, differenceMarkdown(report));
}

/** Pins both instants and leads to the report. @throws a redirect, AppError as `sendDifferenceReport` and `pinAt` */
export async function pinDifference(app: App, ev: RequestEventCommon): Promise<void> {
  requireRole({ actor: actorOf(ev) }, "operator");
  const { feed, ends } = await endsOf(app, ev);
  const pinned = pinsOf(app, feed);
  for (const instant of instantsOf(ends))
    if (!pinned.has(instant)) await pinAt(app, ev, feed.name, instant, "End of a difference that was reported");
  throw ev.redirect(303, addressOfDifference("/difference/incident", feed, ends));
}

async function endsOf(app: App, ev: RequestEventCommon): Promise<{ feed: Feed; ends: DifferenceEnds }> {
  onlyParameters(ev.query, ["feed", "at", "vs"]);
  const feed = chosenFeed(app, ev);
  return { feed, ends: await differenceEnds(app, feed.name, ev.query.get("at"), ev.query.get("vs")) };
}

async function reportOf(
  app: App,
  ev: RequestEventCommon,
  feed: Feed,
  { from, to }: DifferenceEnds,
): Promise<DifferenceReport> {
  const found = await app.live.difference(feed.name, from, to);
  const problems = changedProblems(found.problems);
  const batches = changedBatches(found.batches);
  const at = ({ instant, committedAt }: typeof from) => committedAt ?? (instant === null ? null : timeOf(instant));
  const url = (path: string, instant: Instant | null) => ev.url.origin + withParams(path, { at: instant });
  const pinned = pinsOf(app, feed);
  const isPinned = (instant: Instant | null) => instant !== null && pinned.has(instant);
  const then = (label: string, instant: Instant | null) =>
    instant === null ? [] : [{ label, url: url("/", instant), pinned: isPinned(instant) }];
  return {
    feedTitle: feed.title,
    ...{ from: at(from), to: at(to), asOf: app.clock.now(), changed: found.rows?.changed ?? null },
    summary: summarise(found.problemsBefore, problems, batches),
    ...{ problems, batches },
    urls: {
      problem: (id) => url(`/problems/${encodeURIComponent(id)}`, to.instant),
      pipeline: (name) => ev.url.origin + pipelineHref(name, to.instant, feed.name),
      batch: (id) => url(`/batches/${encodeURIComponent(id)}`, to.instant),
    },
    links: [
      ...then("On-call page at the beginning", from.instant),
      ...then("On-call page at the end", to.instant),
      {
        label: "What changed, as a page",
        url: ev.url.origin + addressOfDifference("/difference", feed, { from, to }),
        pinned: isPinned(from.instant) && isPinned(to.instant),
      },
    ],
    people: await askForPage(app, ev, (ctx) => decidedOf(ctx, feed, problems)),
  };
}

/** About the problems that the report tells of first. */
async function decidedOf(
  ctx: ControlContext,
  { name }: Feed,
  problems: readonly Changed<Problem>[],
): Promise<NonNullable<DifferenceReport["people"]>> {
  const decided: NonNullable<DifferenceReport["people"]>[number][] = [];
  const inTrouble = problems.filter(({ kind }) => kind === "newlyFailing" || kind === "recovered");
  for (const { before, after } of inTrouble.slice(0, MOST_DECIDED)) {
    const about = (after ?? before)!;
    const marks = await listMarksOf(ctx, { feed: name, id: about.id });
    const notes = await listNotes(ctx, { about: "problem", feed: name, ref: about.id });
    const said = notes.map(({ author, createdAt, text }) => ({ by: author.name, at: createdAt, text }));
    decided.push({ about, said: { marks, notes: said } });
  }
  return decided;
}

const pinsOf = (app: App, feed: Feed): Set<Instant> =>
  new Set(
    app
      .tables(feed.name)
      .pins.pins()
      .map(({ instant }) => instant),
  );

const instantsOf = ({ from, to }: DifferenceEnds): Set<Instant> =>
  new Set([from.instant, to.instant].filter((instant) => instant !== null));
