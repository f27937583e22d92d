/** The cookies of people who are signed in: read by nobody but this server, and sent along by pages of this server only. */
import type { CookieOptions, RequestEventBase } from "@builder.io/qwik-city";
import type { Client, TravelCookie } from "../control/account/accounts";
import { SECRET_COOKIE } from "./access";

/** better-auth names it so; browsers take the second only over https. */
const SESSION_COOKIE = "weir.session_token";
const SECURE_SESSION_COOKIE = `__Secure-${SESSION_COOKIE}`;

export const sessionCookieOf = ({ cookie }: RequestEventBase): string | null =>
  (cookie.get(SECURE_SESSION_COOKIE) ?? cookie.get(SESSION_COOKIE))?.value ?? null;

const isSecure = ({ url }: RequestEventBase): boolean => url.protocol === "https:";

const optionsOf = (ev: RequestEventBase, endsAt: number): CookieOptions => ({
  path: "/",
  httpOnly: true,
  sameSite: "lax",
  secure: isSecure(ev),
  expires: new Date(endsAt),
});

/** @param value signed. Whoever signs in is nobody else any more */
export function setSessionCookie(ev: RequestEventBase, value: string, endsAt: number): void {
  ev.cookie.set(isSecure(ev) ? SECURE_SESSION_COOKIE : SESSION_COOKIE, value, optionsOf(ev, endsAt));
  if (ev.cookie.has(SECRET_COOKIE)) forget(ev, SECRET_COOKIE);
}

export function setSecretCookie(ev: RequestEventBase, value: string, endsAt: number): void {
  ev.cookie.set(SECRET_COOKIE, value, optionsOf(ev, endsAt));
}

export function forgetCookies(ev: RequestEventBase): void {
  for (const name of [SECRET_COOKIE, SESSION_COOKIE, SECURE_SESSION_COOKIE]) if (ev.cookie.has(name)) forget(ev, name);
}

/** One whose name says Secure is only taken away by one that is. */
const forget = (ev: RequestEventBase, name: string): void => ev.cookie.set(name, "", optionsOf(ev, 0));

/** Cookies that are needed until somebody comes back from the provider. */
export function setTravelCookies(ev: RequestEventBase, cookies: readonly TravelCookie[]): void {
  for (const { name, value, maxAgeSeconds } of cookies)
    ev.cookie.set(name, value, {
      path: "/",
      httpOnly: true,
      sameSite: "lax",
      secure: isSecure(ev),
      maxAge: maxAgeSeconds,
    });
}

export const clientOf = (ev: RequestEventBase): Client => ({
  origin: ev.url.origin,
  userAgent: ev.request.headers.get("user-agent"),
});
