/** What the routes that take bodies have in common: from Node's request to what the ingest stage reads. */
import type { RequestEventCommon } from "@builder.io/qwik-city";
import type { IncomingMessage } from "node:http";
import { AppError } from "../model/app-error";

/** The body as it comes in, unread: whoever reads it sets the bounds. Qwik City touches it only when asked for it. */
export function incomingBody(ev: RequestEventCommon) {
  const request = (ev.platform as { incomingMessage: IncomingMessage }).incomingMessage;
  return {
    contentType: request.headers["content-type"] ?? null,
    contentEncoding: request.headers["content-encoding"] ?? null,
    body: chunksOf(request),
  };
}

/**
 * A body that is refused in the middle is read to its end and thrown away: a connection that is cut instead takes the answer
 * with it, and the sender never learns why.
 */
async function* chunksOf(request: IncomingMessage): AsyncGenerator<Uint8Array> {
  try {
    yield* request.iterator({ destroyOnReturn: false }) as AsyncIterableIterator<Uint8Array>;
  } catch (error) {
    throw new AppError("bad-body", "The connection ended before the body did.", {}, { cause: error });
  } finally {
    request.resume();
  }
}
