/** Notes about an instant of a feed: what is written down, and the form that writes. */
import type { RequestEventCommon } from "@builder.io/qwik-city";
import type { App } from "../../app";
import { hasRole } from "../../control/actor";
import type { Note } from "../../control/note/note";
import { withParams } from "../../components/shell/page-url";
import { AppError } from "../../model/app-error";
import { timeOf } from "../../model/instant";
import { actorOf, controlContext } from "../actor";
import { aboutInstant, notesOf, removeNote, writeNote } from "../problem-calls";
import { actByForm, outcomeOf, type Outcome } from "./form-outcome";
import { askForPage } from "./page-control";
import { zoneOf } from "./reader-zone";

export interface InstantPage {
  instant: string;
  /** Epoch ms. */
  at: number;
  feed: { title: string; href: string };
  onCallHref: string;
  here: string;
  zone: string;
  /** Null while the database is not there. */
  notes: readonly Note[] | null;
  mayChange: boolean;
  reader: { id: string; isAdmin: boolean };
  outcome: Outcome | null;
}

/** @throws AppError unknown-feed, bad-parameter */
export async function instantPage(app: App, ev: RequestEventCommon): Promise<InstantPage> {
  const actor = actorOf(ev);
  const subject = aboutInstant(app, ev.params["feed"]!, ev.params["instant"]!);
  const { name, title } = app.feed(subject.feed);
  return {
    instant: subject.ref,
    at: timeOf(subject.ref),
    feed: { title, href: withParams(`/feeds/${name}`, { at: subject.ref }) },
    onCallHref: withParams("/", { at: subject.ref }),
    here: ev.url.pathname,
    zone: zoneOf(ev),
    notes: await askForPage(app, ev, (ctx) => notesOf(ctx, subject)),
    mayChange: hasRole(actor, "operator"),
    reader: { id: actor.id, isAdmin: actor.role === "admin" },
    outcome: outcomeOf(ev, { noted: "The note is kept.", deleted: "The note is deleted." }),
  };
}

/** @throws a redirect, AppError unknown-feed, bad-parameter */
export async function actOnInstant(app: App, ev: RequestEventCommon, form: URLSearchParams): Promise<void> {
  const subject = aboutInstant(app, ev.params["feed"]!, ev.params["instant"]!);
  const ctx = controlContext(app, ev);
  await actByForm(ev, ev.url.pathname, async () => {
    switch (form.get("do")) {
      case "note":
        await writeNote(app, ctx, subject, { text: form.get("text") ?? "" });
        return "noted";
      case "delete-note":
        await removeNote(app, ctx, subject, form.get("note") ?? "");
        return "deleted";
      default:
        throw new AppError("bad-body", "do must be note or delete-note.");
    }
  });
}
