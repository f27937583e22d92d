/**
 * Who may send a request. Pure: headers and the actor in, a verdict out.
 *
 * On loopback everybody on this machine may, but the Host must be a loopback name (a page of a foreign site that rebinds its
 * name to 127.0.0.1 is not this machine's user). Writes from a page of another origin are refused everywhere. With a secret,
 * whoever asks must be somebody: see `actor.ts`.
 */
import { createHmac, createHash, timingSafeEqual } from "node:crypto";
import { isLoopback } from "../config/values";
import type { Actor } from "../control/actor";
import { AppError } from "../model/app-error";

export interface AccessRules {
  host: string;
  origin: string | null;
  corsOrigins: readonly string[];
  /** Not null: pushes of Pub/Sub carry a signed token of their own, which their route checks. */
  pubsub?: { push: object | null };
}

export interface AccessRequest {
  method: string;
  path: string;
  /** Host header. */
  host: string | null;
  originHeader: string | null;
}

/** Cookie of whoever signed in with the secret. */
export const SECRET_COOKIE = "weir_session";
export const SIGN_IN_PATH = "/sign-in";
/** Somebody who was given the secret for an incident has it for a shift. */
export const SECRET_SESSION_MS = 12 * 3_600_000;

/** What nobody needs to be signed in for: each says itself who may do what there. */
const OPEN_PATHS =
  /^\/(healthz|readyz|sign-in(\/oidc)?|welcome|invitations\/[^/]+|api\/auth\/callback\/oidc)(\/q-data\.json)?$/;
const PUSH_PATH = /^\/api\/v1\/pubsub\/push\/[^/]+$/;
const SAFE_METHODS = new Set(["GET", "HEAD", "OPTIONS"]);

/** Before anybody asks who it is. @throws AppError misdirected, forbidden */
export function checkOrigins(rules: AccessRules, request: AccessRequest): void {
  checkHost(rules, request);
  if (!SAFE_METHODS.has(request.method)) checkOrigin(rules, request);
}

/** Whether it is answered whoever asks. */
export const isOpen = (rules: AccessRules, request: AccessRequest): boolean =>
  OPEN_PATHS.test(request.path) || isSignedPush(rules, request);

/** @param actor null = nobody. @throws AppError unauthorized */
export function checkSomebody(actor: Actor | null): asserts actor is Actor {
  if (actor !== null) return;
  throw new AppError("unauthorized", "Send a token of this server as bearer token, or sign in.");
}

/** Pub/Sub cannot send the secret and a token of its own in one header. */
const isSignedPush = ({ pubsub }: AccessRules, { method, path }: AccessRequest): boolean =>
  pubsub?.push != null && method === "POST" && PUSH_PATH.test(path);

/** What the sign-in page's cookie holds: when it ends, under a key made of the secret; the secret cannot be had from it. */
export const secretSession = (secret: string, endsAt: number): string =>
  `${endsAt}.${createHmac("sha256", secret).update(`weir session ${endsAt}`).digest("base64url")}`;

export function isSecretSession(cookie: string, secret: string, now: number): boolean {
  const endsAt = Number(/^(\d{1,15})\./.exec(cookie)?.[1] ?? 0);
  return endsAt > now && sameText(cookie, secretSession(secret, endsAt));
}

export const isSecret = (given: string, secret: string): boolean => sameText(given, secret);

/** The token of an Authorization header. */
export const bearerOf = (authorization: string | null): string | null =>
  /^Bearer +(.+)$/i.exec(authorization ?? "")?.[1] ?? null;

function checkHost({ host, origin }: AccessRules, request: AccessRequest): void {
  if (!isLoopback(host)) return;
  const given = request.host ?? "";
  if (isLoopback(hostName(given)) || (origin !== null && new URL(origin).host === given)) return;
  throw new AppError(
    "misdirected",
    `This server does not answer for the host ${JSON.stringify(given)}: use 127.0.0.1 or localhost, or set WEIR_ORIGIN.`,
  );
}

const hostName = (host: string): string =>
  host
    .replace(/:\d+$/, "")
    .replace(/^\[(.*)\]$/, "$1")
    .toLowerCase();

function checkOrigin(rules: AccessRules, { originHeader, host }: AccessRequest): void {
  if (originHeader === null) return; // not a browser
  const allowed = [rules.origin, `http://${host}`, `https://${host}`, ...rules.corsOrigins];
  if (allowed.includes(originHeader)) return;
  throw new AppError(
    "forbidden",
    `Pages of ${JSON.stringify(originHeader)} may not write here: add it to WEIR_CORS_ORIGINS if they should.`,
  );
}

function sameText(a: string, b: string): boolean {
  const digest = (text: string) => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(a), digest(b));
}
