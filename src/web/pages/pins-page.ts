/** The pins of a feed on a page of their own, and what its forms and those of other pages do: pin an instant, let go of one. */
import type { RequestEventCommon } from "@builder.io/qwik-city";
import type { App } from "../../app";
import { withParams } from "../../components/shell/page-url";
import { hasRole } from "../../control/actor";
import { AppError } from "../../model/app-error";
import { timeOf } from "../../model/instant";
import { actorOf } from "../actor";
import { localPath } from "../local-path";
import { listPins, pinAt, unpinInstant } from "../pin-calls";
import { actByForm, outcomeOf, type Outcome } from "./form-outcome";
import { zoneOf } from "./reader-zone";

export interface PinsPage {
  feed: { title: string; href: string };
  here: string;
  zone: string;
  pins: readonly ShownPin[];
  mayChange: boolean;
  outcome: Outcome | null;
}

export interface ShownPin {
  instant: string;
  /** When it was committed and when it was pinned, epoch ms. */
  at: number;
  pinnedAt: number;
  note: string;
  rows: number;
  onCallHref: string;
  feedHref: string;
  notesHref: string;
}

/** @throws AppError unknown-feed */
export async function pinsPage(app: App, ev: RequestEventCommon): Promise<PinsPage> {
  const { name, title } = app.feed(ev.params["feed"]!);
  const path = `/feeds/${encodeURIComponent(name)}`;
  const { pins } = await listPins(app, name);
  return {
    feed: { title, href: path },
    here: ev.url.pathname,
    zone: zoneOf(ev),
    pins: pins.map(({ instant, committedAt, pinnedAt, note, rows }) => ({
      ...{ instant, pinnedAt, note, rows },
      at: committedAt ?? timeOf(instant),
      onCallHref: withParams("/", { at: instant }),
      feedHref: withParams(path, { at: instant }),
      notesHref: `${path}/instants/${instant}`,
    })),
    mayChange: hasRole(actorOf(ev), "operator"),
    outcome: outcomeOf(ev, {
      pinned: "The instant is pinned: pages of it can be shown for good.",
      unpinned: "The pin is removed.",
    }),
  };
}

/** @throws a redirect, AppError unknown-feed */
export async function actOnPins(app: App, ev: RequestEventCommon, form: URLSearchParams): Promise<void> {
  const feed = app.feed(ev.params["feed"]!).name;
  const field = (name: string) => form.get(name) ?? "";
  const given = form.get("back");
  const back = given === null ? ev.url.pathname : localPath(given);
  await actByForm(ev, back, async () => {
    switch (form.get("do")) {
      case "pin":
        await pinAt(app, ev, feed, field("at"), field("note"));
        // The page that it came from shows by itself that its instant is pinned now.
        if (given !== null) throw ev.redirect(303, back);
        return "pinned";
      case "unpin":
        await unpinInstant(app, ev, feed, field("at"));
        return "unpinned";
      default:
        throw new AppError("bad-body", "do must be pin or unpin.");
    }
  });
}
