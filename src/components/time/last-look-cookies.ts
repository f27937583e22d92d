/** When somebody last looked at the on-call page, kept in their browser: it needs no account and no database. */

/** Epoch ms of the last look. */
export const LOOKED_COOKIE = "weir_looked";
/** Since when changes are told of; there until they are marked as seen. */
export const SINCE_COOKIE = "weir_since";

const KEPT_S = 90 * 86_400;

/** A page that is left open is looked at until it is hidden. */
export function noteLook(now: number): void {
  document.cookie = `${LOOKED_COOKIE}=${now}; Path=/; Max-Age=${KEPT_S}; SameSite=Lax`;
}

export const LOOK_COOKIE_OPTIONS = { path: "/", maxAge: KEPT_S, sameSite: "lax" } as const;
