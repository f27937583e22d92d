/**
 * Who asks: the one place where a request becomes an actor. `checkAccess` let it in already; on loopback without a secret
 * everybody at this machine is the one local user, elsewhere whoever holds the secret is an admin.
 */
import { randomUUID } from "node:crypto";
import type { RequestEventBase } from "@builder.io/qwik-city";
import type { App } from "../app";
import { LOCAL_USER, SECRET_HOLDER, type Actor } from "../control/actor";
import type { ControlContext } from "../control/context";
import { REQUEST_ID_KEY } from "./request-id";

/** A start of the embedded database takes a few seconds at its first time. */
const CALL_PATIENCE_MS = 10_000;

export const actorOf = ({ config }: App): Actor => (config.secret === null ? LOCAL_USER : SECRET_HOLDER);

/** What verbs are given by a call or an action, which waits for a database that is starting. */
export const controlContext = (app: App, ev: RequestEventBase): ControlContext => ({
  control: app.control,
  actor: actorOf(app),
  ip: ev.clientConn.ip ?? null,
  requestId: ev.sharedMap.get(REQUEST_ID_KEY) as string,
  feeds: app.feeds,
  clock: app.clock,
  newId: randomUUID,
  patienceMs: CALL_PATIENCE_MS,
});

/** The same for a page, which is never held up: without the database it shows what it can. */
export const pageControlContext = (app: App, ev: RequestEventBase): ControlContext => ({
  ...controlContext(app, ev),
  patienceMs: 0,
});
