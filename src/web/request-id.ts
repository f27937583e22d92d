/** A name for one request, in the answer and in the log. A caller's own is kept when it is harmless. */
import { randomUUID } from "node:crypto";

export const REQUEST_ID_KEY = "weir.requestId";

export const requestId = (given: string | null): string =>
  given !== null && /^[\w.-]{1,64}$/.test(given) ? given : randomUUID();
