/** A bucket of Google Cloud Storage, or of a server that speaks its JSON API. */
import { randomUUID } from "node:crypto";
import {
  type ApiError,
  type FileMetadata,
  type GetFilesOptions,
  IdempotencyStrategy,
  Storage,
} from "@google-cloud/storage";
import { AppError } from "../../model/app-error";
import type { Bucket, StoredObject } from "./bucket";

/** Of one request: nothing that a lake holds in one object takes longer. */
const REQUEST_MS = 30_000;
/** A publisher waits while a call is made again: after one second, and after two more. */
const RETRIES = { maxRetries: 2, maxRetryDelay: 2, totalTimeout: 60 };
const RETRY_AFTER_MS = 5_000;

/** Marks the objects of one call: a retry that finds the object there asks whether its first try made it. */
const MADE_BY = "weir-made-by";
const LISTED = "items(name,size,updated),prefixes,nextPageToken";

export interface GoogleBucketOptions {
  name: string;
  /**
   * Where its API is; null = Google's. One that is reached by http has no accounts: an emulator. Otherwise the credentials are those
   * of the machine (workload identity, GOOGLE_APPLICATION_CREDENTIALS).
   */
  endpoint: string | null;
  /** Objects that one request lists at most; absent = as the store does it (1,000). */
  pageSize?: number;
}

export function googleBucket({ name, endpoint, pageSize }: GoogleBucketOptions): Bucket {
  const client = new Storage({
    timeout: REQUEST_MS,
    retryOptions: {
      // Every call here has the same effect when it is made twice.
      idempotencyStrategy: IdempotencyStrategy.RetryAlways,
      ...RETRIES,
    },
    ...(endpoint !== null && {
      apiEndpoint: endpoint,
      useAuthWithCustomEndpoint: endpoint.startsWith("https:"),
      // Otherwise the client looks for the project of the machine.
      ...(endpoint.startsWith("http:") && { projectId: "local" }),
    }),
  });
  const bucket = client.bucket(name);
  const url = `gs://${name}`;

  /** @param absent what it means that there is no such object; absent = a fault: then it is the bucket that is not there */
  async function ask<T>(what: string, call: () => Promise<T>, absent?: { answer: T }): Promise<T> {
    try {
      return await call();
    } catch (error) {
      const code = codeOf(error);
      if (code === undefined) throw error; // no answer of the store's, but a bug
      if (absent !== undefined && isMissingObject(error)) return absent.answer;
      throw new AppError(
        "engine-unavailable",
        `${url} did not let Weir ${what}: ${reasonOf(url, code)}.`,
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
    read: (key) => ask<Uint8Array | null>(`read ${key}`, async () => (await bucket.file(key).download())[0], { answer: null }), // prettier-ignore
    write: (key, bytes) => ask(`write ${key}`, () => save(key, bytes)),
    create: (key, bytes) =>
      ask(`create ${key}`, async () => {
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
        const [{ metadata }] = await bucket.file(key).getMetadata();
        return metadata?.[MADE_BY] === maker;
      }),
    copy: (from, to) =>
      ask(
        `copy ${from}`,
        async () => {
          await bucket.file(from).copy(bucket.file(to));
          return true;
        },
        { answer: false },
      ),
    remove: (key) => ask(`remove ${key}`, async () => void (await bucket.file(key).delete({ ignoreNotFound: true }))),
  };
}

interface ListedPage {
  items?: FileMetadata[];
  prefixes?: string[];
}

const described = (key: string, { size, updated }: FileMetadata): StoredObject => ({
  key,
  bytes: Number(size ?? 0),
  modifiedAt: Date.parse(updated ?? ""),
});

const codeOf = (error: unknown): number | string | undefined => (error as Partial<ApiError> | null)?.code;

/** The answer is the same for an object and for its bucket, but for the words. */
const isMissingObject = (error: unknown): boolean =>
  codeOf(error) === 404 && !/bucket does not exist/i.test((error as Error).message);

function reasonOf(url: string, code: number | string): string {
  if (code === 401 || code === 403) {
    return `its credentials may not (${code}). They need roles/storage.objectAdmin on the bucket`;
  }
  if (code === 404) return `there is no bucket ${url}`;
  return typeof code === "number" ? `it answered ${code}` : `it cannot be reached (${code})`;
}
