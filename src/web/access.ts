/**
 * Who may send a request. Pure: headers in, a verdict out.
 *
 * On loopback everybody on this machine may, but the Host must be a loopback name (a page of a foreign site that rebinds its
 * name to 127.0.0.1 is not this machine's user) and writes from a page of another origin are refused. With a secret, every
 * request carries it, as bearer token or in the cookie of the sign-in page.
 */
import { createHash, timingSafeEqual } from "node:crypto";
import { isLoopback } from "../config";
import { AppError } from "../model/app-error";

export interface AccessRules {
  host: string;
  origin: string | null;
  corsOrigins: readonly string[];
  secret: string | null;
  /** Not null: pushes of Pub/Sub carry a signed token of their own, which their route checks. */
  pubsub?: { push: object | null };
}

export interface AccessRequest {
  method: string;
  path: string;
  /** Host header. */
  host: string | null;
  originHeader: string | null;
  authorization: string | null;
  /** Value of the session cookie. */
  cookie: string | null;
}

export const SESSION_COOKIE = "weir_session";
export const SIGN_IN_PATH = "/sign-in";

const OPEN_PATHS = new Set(["/healthz", "/readyz", SIGN_IN_PATH]);
const PUSH_PATH = /^\/api\/v1\/pubsub\/push\/[^/]+$/;
const SAFE_METHODS = new Set(["GET", "HEAD", "OPTIONS"]);

/** @throws AppError misdirected, forbidden, unauthorized */
export function checkAccess(rules: AccessRules, request: AccessRequest): void {
  checkHost(rules, request);
  if (!SAFE_METHODS.has(request.method)) checkOrigin(rules, request);
  if (rules.secret === null || OPEN_PATHS.has(request.path) || isSignedPush(rules, request)) return;
  checkSecret(rules.secret, request);
}

/** Pub/Sub cannot send the secret and a token of its own in one header. */
const isSignedPush = ({ pubsub }: AccessRules, { method, path }: AccessRequest): boolean =>
  pubsub?.push != null && method === "POST" && PUSH_PATH.test(path);

/** What the sign-in page's cookie holds: not the secret itself, so that a leaked cookie store does not give it away. */
export const sessionOf = (secret: string): string =>
  createHash("sha256").update(`weir session ${secret}`).digest("base64url");

export const isSecret = (given: string, secret: string): boolean => sameText(given, secret);

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

function checkSecret(secret: string, { authorization, cookie }: AccessRequest): void {
  const token = /^Bearer +(.+)$/i.exec(authorization ?? "")?.[1];
  if (token !== undefined && sameText(token, secret)) return;
  if (cookie !== null && sameText(cookie, sessionOf(secret))) return;
  throw new AppError("unauthorized", "Send the secret of this server as bearer token, or sign in.");
}

function sameText(a: string, b: string): boolean {
  const digest = (text: string) => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(a), digest(b));
}
