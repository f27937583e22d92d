/** Small bodies: what a form of our own pages sends, what a call describes in a few words. */
import type { RequestEventCommon } from "@builder.io/qwik-city";
import { AppError } from "../model/app-error";
import { incomingBody } from "./ingest-calls";

const MAX_BYTES = 16 * 1024;

/** @throws AppError too-large */
export const readSmall = async (body: AsyncIterable<Uint8Array>, maxBytes = MAX_BYTES): Promise<string> =>
  (await readBytes(body, maxBytes)).toString("utf8");

async function readBytes(body: AsyncIterable<Uint8Array>, maxBytes: number): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.length;
    if (bytes > maxBytes)
      throw new AppError("too-large", `The body is larger than the ${maxBytes} bytes it may have here.`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** The fields of a form. @throws AppError too-large */
export const readForm = async (ev: RequestEventCommon, maxBytes?: number): Promise<URLSearchParams> =>
  new URLSearchParams(await readSmall(incomingBody(ev).body, maxBytes));

/** The fields of a form that may carry files. @throws AppError too-large, bad-body */
export async function readFormData(ev: RequestEventCommon, maxBytes: number): Promise<FormData> {
  const { body, contentType } = incomingBody(ev);
  const bytes = await readBytes(body, maxBytes);
  try {
    return await new Response(new Uint8Array(bytes), { headers: { "content-type": contentType ?? "" } }).formData();
  } catch (error) {
    throw new AppError("bad-body", `The body is no form: ${(error as Error).message}.`, {}, { cause: error });
  }
}
