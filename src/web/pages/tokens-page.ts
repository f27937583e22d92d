/** Tokens of machines: the list, the form that makes one, and its text, once. */
import type { RequestEventCommon } from "@builder.io/qwik-city";
import type { App } from "../../app";
import { requireRole } from "../../control/actor";
import { createToken } from "../../control/token/create-token";
import { listTokens } from "../../control/token/list-tokens";
import { revokeToken } from "../../control/token/revoke-token";
import type { Token } from "../../control/token/token";
import { AppError } from "../../model/app-error";
import { actorOf, controlContext } from "../actor";
import { actByForm, outcomeOf, type Outcome } from "./form-outcome";
import { askForPage } from "./page-control";

export interface TokensPage {
  /** Null while the database is not there. */
  tokens: readonly Token[] | null;
  feeds: readonly string[];
  /** Just made: only this answer has its text. */
  made: { name: string; text: string; command: string } | null;
  outcome: Outcome | null;
}

const PATH = "/settings/tokens";
const MADE = "weir.madeToken";
const DAY_MS = 86_400_000;

/** @throws AppError forbidden */
export async function tokensPage(app: App, ev: RequestEventCommon): Promise<TokensPage> {
  requireRole({ actor: actorOf(ev) }, "admin");
  return {
    tokens: await askForPage(app, ev, (ctx) => listTokens(ctx)),
    feeds: app.feeds.map(({ name }) => name),
    made: (ev.sharedMap.get(MADE) as TokensPage["made"] | undefined) ?? null,
    outcome: outcomeOf(ev, { revoked: "It is revoked: good for nothing from now on." }),
  };
}

/** The text of a new token is on the answer itself: a redirect would have to keep it somewhere. */
export async function actOnTokens(app: App, ev: RequestEventCommon, form: URLSearchParams): Promise<void> {
  const ctx = controlContext(app, ev);
  const act = form.get("do");
  if (act === "create") {
    await actByForm(ev, PATH, async () => {
      const made = await createToken(ctx, inputOf(form, ctx.clock.now()));
      ev.headers.set("Cache-Control", "no-store");
      ev.sharedMap.set(MADE, {
        name: made.name,
        text: made.token,
        command: commandOf(app.config.origin ?? ev.url.origin, made),
      } satisfies TokensPage["made"]);
      return null;
    });
    return;
  }
  await actByForm(ev, PATH, async () => {
    if (act !== "revoke") throw new AppError("bad-body", "do must be create or revoke.");
    await revokeToken(ctx, form.get("id"));
    return "revoked";
  });
}

function inputOf(form: URLSearchParams, now: number) {
  const feeds = (name: string) => (form.getAll(name).includes("all") ? "all" : form.getAll(name));
  const bound = (name: string) => {
    const text = (form.get(name) ?? "").trim();
    return text === "" ? null : Number(text);
  };
  const days = form.get("days") ?? "365";
  return {
    name: form.get("name") ?? "",
    read: feeds("read"),
    write: feeds("write"),
    admin: form.get("admin") === "on",
    requestsPerSecond: bound("requestsPerSecond"),
    eventsPerSecond: bound("eventsPerSecond"),
    eventsPerDay: bound("eventsPerDay"),
    expiresAt: days === "never" ? null : now + Number(days) * DAY_MS,
  };
}

/** How it is tried: what it may write if it may, else what it may read. */
function commandOf(origin: string, { token, read, write }: Token & { token: string }): string {
  const firstOf = (feeds: Token["read"]) => (feeds === "all" ? "pipeline_events" : feeds[0]);
  const auth = `-H "Authorization: Bearer ${token}"`;
  const written = firstOf(write);
  if (written !== undefined)
    return `curl -X POST ${origin}/api/v1/feeds/${written}/events ${auth} -H "Content-Type: application/x-ndjson" --data-binary @events.ndjson`;
  const isRead = firstOf(read);
  return isRead === undefined
    ? `curl ${origin}/api/v1/feeds ${auth}`
    : `curl ${origin}/api/v1/feeds/${isRead}/rows ${auth}`;
}
