/**
 * Where pages are written: the response itself. Qwik City's own way there leads through a TextEncoderStream, which Node feeds
 * letter by letter: most of the time, and nearly all of the garbage, of a page of five thousand rows.
 */
import type { RenderToStreamOptions } from "@builder.io/qwik/server";
import type { IncomingMessage, ServerResponse } from "node:http";

/** `flush` is there where answers are compressed (`server.ts`). */
type PageResponse = ServerResponse & { flush?: () => void };

type PageWriter = NonNullable<RenderToStreamOptions["stream"]>;

interface CityData {
  ev?: { platform?: { incomingMessage?: Pick<IncomingMessage, "raw"> } };
}

/** So much of a page is sent as soon as it is written; what comes after that the compression may gather. */
const AT_ONCE = 100_000;

/**
 * Sends the head and the first rows at once, through the compression too: a browser fetches the scripts that the head names
 * and shows rows while the rest is being rendered. Headers are set by then, and Qwik City ends the response.
 *
 * @returns null where the server is not ours (Vite's, in development)
 */
export function pageWriter(serverData: RenderToStreamOptions["serverData"]): PageWriter | null {
  const city = serverData?.["qwikcity"] as CityData | undefined;
  const response: PageResponse | undefined = city?.ev?.platform?.incomingMessage?.raw;
  if (response === undefined) return null;
  let written = 0;
  return {
    write(text) {
      if (response.closed || response.destroyed) return; // nobody reads any more
      response.write(text);
      if (written < AT_ONCE) response.flush?.();
      written += text.length;
    },
  };
}
