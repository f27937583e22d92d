/** The body of a request: what it says it is, read within bounds. A bomb behind gzip stops at the bound. */
import { createGunzip } from "node:zlib";
import { AppError } from "../model/app-error";

export type BodyFormat = "json" | "ndjson" | "avro";

export interface Incoming {
  contentType: string | null;
  contentEncoding: string | null;
  body: AsyncIterable<Uint8Array>;
}

const INFLATED_CHUNK_BYTES = 256 * 1024;

const FORMATS = new Map<string, BodyFormat>([
  ["application/json", "json"],
  ["application/x-ndjson", "ndjson"],
  ["application/ndjson", "ndjson"],
  ["application/avro", "avro"],
  ["avro/binary", "avro"],
  ["application/vnd.apache.avro", "avro"],
]);

/** @throws AppError unsupported-type */
export function bodyFormat(contentType: string | null): BodyFormat {
  const [media = "", ...parameters] = (contentType ?? "").toLowerCase().split(";");
  const format = FORMATS.get(media.trim());
  if (!format) {
    throw new AppError(
      "unsupported-type",
      `Content-Type ${JSON.stringify(contentType ?? "")} is not read here; send application/json, application/x-ndjson or application/avro.`,
    );
  }
  const charset = /^\s*charset\s*=\s*"?([^"\s]+)"?\s*$/;
  const named = parameters.map((parameter) => charset.exec(parameter)?.[1]).find((name) => name !== undefined);
  if (format !== "avro" && named !== undefined && named !== "utf-8" && named !== "utf8" && named !== "us-ascii") {
    throw new AppError("unsupported-type", `The charset ${JSON.stringify(named)} is not read here; send UTF-8.`);
  }
  return format;
}

/**
 * The whole body, inflated.
 *
 * @param maxBytes bound of what arrives and of what it inflates to
 * @param take told of bytes that inflating adds to what arrived; what it throws ends the reading
 * @throws AppError unsupported-type, too-large, bad-body
 */
export async function readBody(
  incoming: Incoming,
  maxBytes: number,
  take: (bytes: number) => void = () => undefined,
): Promise<Buffer> {
  const encoding = (incoming.contentEncoding ?? "identity").trim().toLowerCase() || "identity";
  if (encoding !== "identity" && encoding !== "gzip" && encoding !== "x-gzip") {
    throw new AppError(
      "unsupported-type",
      `Content-Encoding ${JSON.stringify(encoding)} is not read here; send gzip or none.`,
    );
  }
  const sent = await collect(incoming.body, maxBytes);
  if (sent.length === 0) throw new AppError("bad-body", "The body is empty; send at least one event.");
  return encoding === "identity" ? sent : gunzipBounded(sent, maxBytes, take);
}

export async function collect(body: AsyncIterable<Uint8Array>, maxBytes: number): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.length;
    if (size > maxBytes) throw tooLarge(maxBytes);
    chunks.push(chunk);
  }
  return chunks.length === 1 && Buffer.isBuffer(chunks[0]) ? chunks[0] : Buffer.concat(chunks, size);
}

async function gunzipBounded(bytes: Buffer, maxBytes: number, take: (bytes: number) => void): Promise<Buffer> {
  const gunzip = createGunzip({ chunkSize: INFLATED_CHUNK_BYTES });
  gunzip.end(bytes);
  try {
    return await collect(counted(gunzip, take), maxBytes);
  } catch (error) {
    if (error instanceof AppError) throw error;
    throw new AppError("bad-body", `The gzip body is damaged (${(error as Error).message}).`, {}, { cause: error });
  }
}

/** Counts before the bytes are kept. */
export async function* counted(
  body: AsyncIterable<Uint8Array>,
  take: (bytes: number) => void,
): AsyncGenerator<Uint8Array> {
  for await (const chunk of body) {
    take(chunk.length);
    yield chunk;
  }
}

export const tooLarge = (maxBytes: number) =>
  new AppError("too-large", `The body is larger than ${maxBytes} bytes (inflated); send it in parts.`);
