/**
 * Who asks: the one place where a request becomes an actor. On loopback without a secret everybody at this machine is the one
 * local user. Elsewhere it is whoever has the secret, a token, a session or the word of a proxy that is trusted; else nobody.
 */
import { randomUUID } from "node:crypto";
import type { RequestEventBase } from "@builder.io/qwik-city";
import type { App } from "../app";
import { LOCAL_USER, SECRET_HOLDER, SYSTEM, type Actor } from "../control/actor";
import type { ControlContext } from "../control/context";
import { looksLikeToken } from "../control/token/secret";
import { AppError } from "../model/app-error";
import { bearerOf, isSecret, isSecretSession, SECRET_COOKIE } from "./access";
import { clientAddress } from "./origin";
import { REQUEST_ID_KEY } from "./request-id";
import { sessionCookieOf } from "./session-cookie";

/** A start of the embedded database takes a few seconds at its first time. */
const CALL_PATIENCE_MS = 10_000;

const ACTOR_KEY = "weir.actor";

/** Sets who asks, once per request (`routes/plugin.ts`). */
export const setActor = (ev: RequestEventBase, actor: Actor): void => {
  ev.sharedMap.set(ACTOR_KEY, actor);
};

/** Null where nobody has to be somebody: sign-in, invitations, the page of an error. */
export const actorOrNull = (ev: RequestEventBase): Actor | null =>
  (ev.sharedMap.get(ACTOR_KEY) as Actor | undefined) ?? null;

/** @throws AppError unauthorized */
export function actorOf(ev: RequestEventBase): Actor {
  const actor = actorOrNull(ev);
  if (actor !== null) return actor;
  throw new AppError("unauthorized", "Nobody is signed in: send a token of this server as bearer token, or sign in.");
}

/**
 * Looks at what the request carries, the strongest first.
 *
 * @returns null when that is nothing, or nothing that goes
 * @throws AppError control-unavailable when it is a session or a token that only the database could confirm; unauthorized
 *   and rate-limited of a token
 */
export async function identify(app: App, ev: RequestEventBase): Promise<Actor | null> {
  const { secret } = app.config;
  const bearer = bearerOf(ev.request.headers.get("authorization"));
  if (bearer !== null && secret !== null && isSecret(bearer, secret)) return SECRET_HOLDER;
  // Whoever sends a token means to be its holder, also where nobody has to be somebody.
  if (bearer !== null && looksLikeToken(bearer)) return app.tokens.actorOf(bearer);
  if (secret === null) return LOCAL_USER;
  const secretCookie = ev.cookie.get(SECRET_COOKIE)?.value;
  if (secretCookie !== undefined && isSecretSession(secretCookie, secret, app.clock.now())) return SECRET_HOLDER;
  const session = sessionCookieOf(ev);
  const signedIn = session === null ? null : await app.sessions.actorOf(session);
  if (signedIn !== null || app.proxy === null) return signedIn;
  const vouched = ev.request.headers.get(app.proxy.header);
  return vouched === null ? null : app.proxy.actorOf(nobodysContext(app, ev), vouched);
}

/** What verbs are given by a call or an action, which waits for a database that is starting. */
export const controlContext = (app: App, ev: RequestEventBase): ControlContext => contextOf(app, ev, actorOf(ev));

/** The same for a page, which is never held up: without the database it shows what it can. */
export const pageControlContext = (app: App, ev: RequestEventBase): ControlContext => ({
  ...controlContext(app, ev),
  patienceMs: 0,
});

/** For what somebody asks who is nobody yet: to sign in, to accept an invitation. The verb says whom it makes of them. */
export const nobodysContext = (app: App, ev: RequestEventBase): ControlContext => contextOf(app, ev, SYSTEM);

const contextOf = (app: App, ev: RequestEventBase, actor: Actor): ControlContext => ({
  control: app.control,
  rights: app.rights,
  actor,
  ip: clientAddress(app.config, ev),
  requestId: ev.sharedMap.get(REQUEST_ID_KEY) as string,
  feeds: app.feeds,
  clock: app.clock,
  newId: randomUUID,
  patienceMs: CALL_PATIENCE_MS,
});
