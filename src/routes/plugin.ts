/** Runs before every route: the app, who may ask, safe headers, and the one mapper from errors to HTTP. */
import { randomBytes } from "node:crypto";
import type { RequestEvent, RequestHandler } from "@builder.io/qwik-city";
import type { App } from "~/app";
import { askNumbersOfRequest } from "~/components/ui/number-text";
import { ensureApp } from "~/app-instance";
import { checkOrigins, checkSomebody, isOpen, SIGN_IN_PATH, type AccessRequest } from "~/web/access";
import { keepNumbers, numbersOfRequest } from "~/web/pages/reader-numbers-of";
import { identify, setActor } from "~/web/actor";
import { checkFeedRights } from "~/web/feed-access";
import { problemOf, PROBLEM_KEY, sendProblem, toAppError } from "~/web/problem";
import { REQUEST_ID_KEY, requestId } from "~/web/request-id";

askNumbersOfRequest(numbersOfRequest);

export const onRequest: RequestHandler = async (ev) => {
  if (ev.sharedMap.has(PROBLEM_KEY)) return; // on the way to the page of an error: checked and headed already
  const app = await ensureApp();
  const id = requestId(ev.request.headers.get("x-request-id"));
  ev.sharedMap.set(REQUEST_ID_KEY, id);
  setSafeHeaders(ev, id);
  keepNumbers(ev);
  try {
    setCors(ev, app.config.corsOrigins);
    await admit(app, ev);
    await ev.next();
  } catch (thrown) {
    const error = toAppError(thrown);
    if (error === null) throw thrown; // Qwik City's own: redirects, aborts, rewrites
    if (error.code === "internal")
      app.log.error({ requestId: id, path: ev.url.pathname, error: thrown }, "request failed");
    if (ev.headersSent) throw thrown;
    const problem = problemOf(error, id);
    const asPage = !isApi(ev.url.pathname) && !ev.query.has("format") && wantsPage(ev) && error.code !== "misdirected";
    if (!asPage || ev.sharedMap.has(PROBLEM_KEY)) return sendProblem(ev, problem);
    if (problem.status === 401)
      throw ev.redirect(303, `${SIGN_IN_PATH}?back=${encodeURIComponent(ev.url.pathname + ev.url.search)}`);
    ev.sharedMap.set(PROBLEM_KEY, problem);
    ev.status(problem.status);
    throw ev.rewrite("/error");
  }
};

/** Nobody is let in by accident: what cannot be told is refused. */
async function admit(app: App, ev: RequestEvent): Promise<void> {
  const request: AccessRequest = {
    method: ev.method,
    path: routedPath(ev.url.pathname),
    host: ev.request.headers.get("host"),
    originHeader: ev.request.headers.get("origin"),
  };
  checkOrigins(app.config, request);
  if (isOpen(app.config, request)) return;
  const actor = await identify(app, ev);
  checkSomebody(actor);
  setActor(ev, actor);
  checkFeedRights(app, actor, { ...request, query: ev.query });
}

/** As the router matches it, which takes `/metrics/` for `/metrics`: whoever is let in or not is decided about the same path. */
const routedPath = (path: string): string => path.replace(/(?<=.)\/+$/, "");

const isApi = (path: string): boolean =>
  path.startsWith("/api/") || path === "/metrics" || path === "/healthz" || path === "/readyz";

const wantsPage = (ev: RequestEvent): boolean =>
  (ev.request.headers.get("accept") ?? "*/*").match(/text\/html|\*\/\*/) !== null;

function setSafeHeaders(ev: RequestEvent, id: string): void {
  const { headers } = ev;
  const nonce = randomBytes(16).toString("base64");
  ev.sharedMap.set("@nonce", nonce); // Qwik puts it on every script of the page
  headers.set("Content-Security-Policy", contentSecurityPolicy(nonce));
  headers.set("X-Request-Id", id);
  headers.set("X-Content-Type-Options", "nosniff");
  headers.set("X-Frame-Options", "DENY");
  headers.set("Referrer-Policy", "same-origin");
  headers.set("Cross-Origin-Opener-Policy", "same-origin");
  // Unless a route says otherwise: what somebody sees is theirs, and no cache on the way knows who asks.
  headers.set("Cache-Control", "private, no-cache");
}

/** Scripts only from this server or by nonce. Styles may be inline: Qwik puts the page's CSS into the document. */
const contentSecurityPolicy = (nonce: string): string =>
  [
    "default-src 'self'",
    `script-src 'self' 'nonce-${nonce}'`,
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data:",
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join("; ");

/** Comes before the question who may: a browser asks for leave without credentials, and may read why it is refused. */
function setCors(ev: RequestEvent, allowed: readonly string[]): void {
  if (allowed.length > 0) ev.headers.append("Vary", "Origin");
  const origin = ev.request.headers.get("origin");
  if (origin === null || !allowed.includes(origin)) return;
  ev.headers.set("Access-Control-Allow-Origin", origin);
  ev.headers.set("Access-Control-Expose-Headers", "ETag, Retry-After, Weir-Position, Weir-Instant, X-Request-Id");
  if (ev.method !== "OPTIONS") return;
  ev.headers.set("Access-Control-Allow-Methods", "GET, POST, PUT, PATCH, DELETE");
  ev.headers.set("Access-Control-Allow-Headers", "Authorization, Content-Type, Content-Encoding, Last-Event-ID");
  throw ev.send(204, "");
}
