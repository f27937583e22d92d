/** A bucket of Google Cloud Storage, or of a server that speaks its JSON API. */
import { randomUUID } from "node:crypto";
import {
  type ApiError,
  type FileMetadata,
  type GetFilesOptions,
  IdempotencyStrategy,
  RETRYABLE_ERR_FN_DEFAULT,
  Storage,
} from "@google-cloud/storage";
import pTimeout from "p-timeout";
import { AppError } from "../../model/app-error";
import type { Bucket, StoredObject } from "./bucket";

/** Of one request: nothing that a lake holds in one object takes longer. */
const REQUEST_MS = 20_000;
/** Of a call with all its requests. The client's own bound is none: past it a call was seen to end neither way. */
const CALL_MS = 90_000;
/** After about two seconds each. Whoever publishes waits for it: for 65 s where each try is left without an answer. */
const MAX_RETRIES = 2;
const MAX_RETRY_DELAY_S = 2;
const RETRY_AFTER_MS = 5_000;

/** Marks the objects of one call: a retry that finds the object there asks whether its first try made it. */
const MADE_BY = "weir-made-by";
/** `timeCreated` and not `updated`, which moves with labels, holds and storage classes: a commit is as old as its file. */
const LISTED = "items(name,size,timeCreated),prefixes,nextPageToken";

export interface GoogleBucketOptions {
  name: string;
  /**
   * Where its API is; null = Google's. One that is reached by http has no accounts: an emulator. Otherwise the credentials are those
   * of the machine (workload identity, GOOGLE_APPLICATION_CREDENTIALS).
   */
  endpoint: string | null;
  /** Objects that one request lists at most; absent = as the store does it (1,000). */
  pageSize?: number;
  /** How long one request may take, and how long one call. */
  requestMs?: number;
  callMs?: number;
}

export function googleBucket(options: GoogleBucketOptions): Bucket {
  const { name, endpoint, pageSize, requestMs = REQUEST_MS, callMs = CALL_MS } = options;
  const client = new Storage({
    timeout: requestMs,
    retryOptions: {
      // Every call here has the same effect when it is made twice.
      idempotencyStrategy: IdempotencyStrategy.RetryAlways,
      retryableErrorFn: isWorthARetry,
      maxRetries: MAX_RETRIES,
      maxRetryDelay: MAX_RETRY_DELAY_S,
      totalTimeout: (10 * callMs) / 1_000,
    },
    ...(endpoint !== null && { apiEndpoint: endpoint, useAuthWithCustomEndpoint: endpoint.startsWith("https:") }),
  });
  const bucket = client.bucket(name);
  const url = `gs://${name}`;

  /** @param absent what it means that there is no such object; absent = a fault */
  async function ask<T>(what: string, call: () => Promise<T>, absent?: { answer: T }): Promise<T> {
    try {
      return await pTimeout(call(), { milliseconds: callMs, message: new Error(`no answer within ${callMs} ms`) });
    } catch (error) {
      if (absent !== undefined && isMissingObject(error)) return absent.answer;
      if (error instanceof TypeError || error instanceof ReferenceError) throw error; // a bug, of ours or the client's
      throw new AppError(
        "engine-unavailable",
        `${url} did not let Weir ${what}: ${reasonOf(url, error)}.`,
        { retryAfterMs: RETRY_AFTER_MS },
        { cause: error },
      );
    }
  }

  /** Small objects: one request each, none to begin an upload. */
  const save = (key: string, bytes: Uint8Array, more: object = {}) =>
    bucket.file(key).save(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength), { resumable: false, ...more });

  /** All pages of a listing, with no more than is asked for. */
  async function listed(query: GetFilesOptions): Promise<{ objects: StoredObject[]; prefixes: string[] }> {
    const objects: StoredObject[] = [];
    const prefixes: string[] = [];
    let next: GetFilesOptions | null = {
      ...query,
      autoPaginate: false,
      fields: LISTED,
      ...(pageSize !== undefined && { maxResults: pageSize }),
    };
    while (next !== null) {
      const [, more, page] = (await bucket.getFiles(next)) as [unknown, GetFilesOptions | null, ListedPage];
      for (const item of page.items ?? []) objects.push(described(item.name!, item));
      prefixes.push(...(page.prefixes ?? []));
      next = more;
    }
    return { objects, prefixes };
  }

  /** Null when somebody has taken the object away between the two requests. */
  async function created(key: string, bytes: Uint8Array): Promise<boolean | null> {
    const maker = randomUUID();
    try {
      await save(key, bytes, {
        preconditionOpts: { ifGenerationMatch: 0 },
        metadata: { metadata: { [MADE_BY]: maker } },
      });
      return true;
    } catch (error) {
      if (codeOf(error) !== 412) throw error;
    }
    try {
      const [{ metadata }] = await bucket.file(key).getMetadata();
      return metadata?.[MADE_BY] === maker;
    } catch (error) {
      if (isMissingObject(error)) return null;
      throw error;
    }
  }

  return {
    url,
    level: (prefix) => ask(`list ${prefix}`, () => listed({ prefix, delimiter: "/" })),
    keys: (prefix) => ask(`list ${prefix}`, async () => (await listed({ prefix })).objects.map(({ key }) => key)),
    stat: (key) =>
      ask<StoredObject | null>(
        `look at ${key}`,
        async () => {
          const [metadata] = await bucket.file(key).getMetadata();
          return described(key, metadata);
        },
        { answer: null },
      ),
    read: (key) =>
      ask<Uint8Array | null>(`read ${key}`, async () => (await bucket.file(key).download())[0], { answer: null }),
    write: (key, bytes) => ask(`write ${key}`, () => save(key, bytes)),
    create: (key, bytes) =>
      ask(`create ${key}`, async () => (await created(key, bytes)) ?? (await created(key, bytes)) ?? false),
    copy: (from, to) =>
      ask(
        `copy ${from}`,
        async () => {
          await bucket.file(from).copy(bucket.file(to));
          return true;
        },
        { answer: false },
      ),
    remove: (key) => ask(`remove ${key}`, async () => void (await bucket.file(key).delete()), { answer: undefined }),
  };
}

interface ListedPage {
  items?: FileMetadata[];
  prefixes?: string[];
}

const described = (key: string, { size, timeCreated }: FileMetadata): StoredObject => ({
  key,
  bytes: Number(size ?? 0),
  modifiedAt: Date.parse(timeCreated ?? ""),
});

const codeOf = (error: unknown): number | string | undefined => (error as Partial<ApiError> | null)?.code;

/** The client tries again what Google says is worth it; a server that does not answer, or refuses the connection, is so too. */
const isWorthARetry = (error: ApiError): boolean =>
  RETRYABLE_ERR_FN_DEFAULT(error) ||
  (error as { type?: string }).type === "request-timeout" ||
  ["ETIMEDOUT", "ECONNREFUSED"].includes(String(error.code));

const isOfBucket = (error: unknown): boolean => /bucket does not exist/i.test((error as Error).message);

/** The answer is the same for an object and for its bucket, but for the words. */
const isMissingObject = (error: unknown): boolean => codeOf(error) === 404 && !isOfBucket(error);

const LONGEST_REASON = 300;

function reasonOf(url: string, error: unknown): string {
  const code = codeOf(error);
  if (code === 404 && isOfBucket(error)) return `there is no bucket ${url}`;
  const line = error instanceof Error ? error.message.split("\n", 1)[0]! : String(error);
  const words = line.slice(0, LONGEST_REASON);
  if (code === 401 || code === 403) {
    return `it answered ${code} (${words}). Credentials that write need roles/storage.objectAdmin on the bucket, those that follow it roles/storage.objectViewer`;
  }
  return typeof code === "number" ? `it answered ${code} (${words})` : words;
}
