/** Small bodies: what a form of our own pages sends, what a call describes in a few words. */
import type { RequestEventCommon } from "@builder.io/qwik-city";
import { AppError } from "../model/app-error";
import { incomingBody } from "./ingest-calls";

const MAX_BYTES = 16 * 1024;

/** @throws AppError too-large */
export async function readSmall(body: AsyncIterable<Uint8Array>, maxBytes = MAX_BYTES): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.length;
    if (bytes > maxBytes)
      throw new AppError("too-large", `The body is larger than the ${maxBytes} bytes it may have here.`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

/** The fields of a form. @throws AppError too-large */
export const readForm = async (ev: RequestEventCommon): Promise<URLSearchParams> =>
  new URLSearchParams(await readSmall(incomingBody(ev).body));
