/** What the page of a feed's dead letters shows, and what its two buttons do. */
import type { RequestEventCommon } from "@builder.io/qwik-city";
import type { App } from "../../app";
import { withParams } from "../../components/shell/page-url";
import type { Zone } from "../../components/ui/time-text";
import { AppError } from "../../model/app-error";
import { deleteDeadLetter, replayDeadLetter } from "../dead-letter-calls";
import { hereOf } from "./page-time";
import { zoneOf } from "./reader-zone";

export interface Letter {
  id: string;
  at: number;
  source: string;
  field: string | null;
  reason: string;
  bytes: number;
}

export interface DeadLettersPage {
  feed: { name: string; title: string; href: string };
  /** Path of this page: where the buttons post to. */
  here: string;
  total: number;
  letters: readonly Letter[];
  nextHref: string | null;
  /** In which the reader wants times. */
  zone: Zone;
  /** What a button that was just pressed did; null after none. */
  outcome: { ok: boolean; text: string } | null;
}

const PAGE_SIZE = 100;
const OUTCOME = "weir.deadLetterOutcome";
const DONE = {
  replayed: "The event was accepted and is on its way into the table.",
  deleted: "The dead letter was deleted.",
} as const;

/** @throws AppError unknown-feed, bad-parameter */
export function deadLettersPage(app: App, ev: RequestEventCommon): DeadLettersPage {
  const feed = app.feed(ev.params["feed"]!);
  const unknown = [...ev.query.keys()].find((name) => name !== "after" && name !== "done");
  if (unknown !== undefined) {
    throw new AppError("bad-parameter", `There is no parameter ${JSON.stringify(unknown)} here: it takes after.`, {
      parameter: unknown,
    });
  }
  const letters = app.ingest.deadLetters(feed.name);
  const { deadLetters, next } = letters.list(PAGE_SIZE, ev.query.get("after"));
  const done = ev.query.get("done");
  const failed = ev.sharedMap.get(OUTCOME) as DeadLettersPage["outcome"] | undefined;
  return {
    feed: { name: feed.name, title: feed.title, href: `/feeds/${feed.name}` },
    zone: zoneOf(ev),
    here: `/feeds/${feed.name}/dead-letters`,
    total: letters.size,
    letters: deadLetters.map(({ id, at, source, field, reason, bytes }) => ({ id, at, source, field, reason, bytes })),
    nextHref: next && withParams(hereOf(ev), { after: next, done: null }),
    outcome: failed ?? (done === "replayed" || done === "deleted" ? { ok: true, text: DONE[done] } : null),
  };
}

/**
 * Carries out a button: replay or delete. What was done is told after a redirect, so that loading the page again does not do
 * it again; a replay that is refused leaves the letter, and the page says why.
 *
 * @throws AppError bad-body, not-found, unknown-feed, and what staging refuses; a redirect
 */
export async function actOnDeadLetter(app: App, ev: RequestEventCommon, form: URLSearchParams): Promise<void> {
  const feed = app.feed(ev.params["feed"]!).name;
  const id = form.get("id") ?? "";
  const path = `/feeds/${feed}/dead-letters`;
  switch (form.get("do")) {
    case "delete":
      await deleteDeadLetter(app, ev, feed, id);
      throw ev.redirect(303, `${path}?done=deleted`);
    case "replay":
      try {
        await replayDeadLetter(app, ev, feed, id);
      } catch (error) {
        if (!(error instanceof AppError) || error.code !== "nothing-acceptable") throw error;
        ev.status(422);
        ev.sharedMap.set(OUTCOME, { ok: false, text: refusalOf(error) });
        return;
      }
      throw ev.redirect(303, `${path}?done=replayed`);
    default:
      throw new AppError("bad-body", `do must be replay or delete, not ${JSON.stringify(form.get("do"))}.`);
  }
}

const refusalOf = (error: AppError): string =>
  [error.message, ...(error.details.rejected ?? []).slice(0, 3).map(({ reason }) => reason)].join(" ");
