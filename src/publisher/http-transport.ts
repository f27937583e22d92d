/** `POST feeds/{feed}/events` of a Weir server. */
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import type { Refusal } from "./outcome.js";
import type { Answer, Transport } from "./transport.js";

export interface HttpTarget {
  /** Address of the server, `https://weir.example.org`. */
  url: string;
  feed: string;
  /** Bearer token; null on a server that wants none. */
  token: string | null;
  requestTimeoutMs: number;
}

/** Smaller bodies travel in a packet or two anyway. */
const GZIP_FROM_BYTES = 4 * 1024;
/** A server (or something in between) that wants to be left alone for longer is asked again after this. */
const LONGEST_RETRY_AFTER_MS = 10 * 60_000;
/** Statuses below 500 that a later attempt may not meet: timeout, too early, too many. */
const PASSING = new Set([408, 425, 429]);
/** What is wrong is the body, not who sends it. */
const ABOUT_THE_BODY = new Set([400, 413, 422]);

const compress = promisify(gzip);

/** @throws TypeError when the address is none */
export function httpTransport(target: HttpTarget): Transport {
  return {
    async send(lines, signal) {
      const body = Buffer.from(lines.join("\n"));
      return postEvents(target, { contentType: "application/x-ndjson", bytes: body, events: lines.length }, signal);
    },
    close: () => Promise.resolve(),
  };
}

export interface EventsBody {
  contentType: string;
  bytes: Buffer<ArrayBuffer>;
  /** How many events it has. */
  events: number;
}

/** One request. */
export async function postEvents(target: HttpTarget, body: EventsBody, signal: AbortSignal): Promise<Answer> {
  const isLarge = body.bytes.length >= GZIP_FROM_BYTES;
  try {
    const response = await fetch(eventsAddress(target), {
      method: "POST",
      // A POST that follows a redirect may arrive as a GET.
      redirect: "manual",
      headers: {
        "content-type": body.contentType,
        ...(isLarge && { "content-encoding": "gzip" }),
        ...(target.token !== null && { authorization: `Bearer ${target.token}` }),
      },
      body: isLarge ? await compress(body.bytes) : body.bytes,
      signal: AbortSignal.any([signal, AbortSignal.timeout(target.requestTimeoutMs)]),
    });
    return await readAnswer(target, response, body.events);
  } catch (error) {
    return { kind: "away", reason: `${target.url} cannot be reached: ${causeOf(error)}`, retryAfterMs: null };
  }
}

/** @throws TypeError when the address is none */
export function eventsAddress({ url, feed }: Pick<HttpTarget, "url" | "feed">): string {
  const base = URL.canParse(url) ? new URL(url) : null;
  if (base === null || !/^https?:$/.test(base.protocol)) {
    throw new TypeError(
      `The server's address must be such as https://weir.example.org (it is ${JSON.stringify(url)}).`,
    );
  }
  return `${base.origin}${base.pathname.replace(/\/+$/, "")}/api/v1/feeds/${encodeURIComponent(feed)}/events`;
}

interface Problem {
  detail?: string;
  title?: string;
  retryAfterMs?: number;
  rejected?: (Refusal & { index: number })[];
}

async function readAnswer(target: HttpTarget, response: Response, events: number): Promise<Answer> {
  const { status } = response;
  const text = await response.text();
  const json = parse(text);
  if (status === 202 && Array.isArray(json?.rejected)) return { kind: "taken", rejected: byIndex(json.rejected) };
  const reason =
    json?.detail ?? json?.title ?? `${target.url} answered ${status}${text === "" ? "" : `: ${excerpt(text)}`}`;
  if (status >= 500 || PASSING.has(status)) {
    return { kind: "away", reason, retryAfterMs: retryAfter(response, json) };
  }
  if (ABOUT_THE_BODY.has(status)) {
    // Each was judged: none of them need be sent alone to learn why.
    if (json?.rejected?.length === events) return { kind: "taken", rejected: byIndex(json.rejected) };
    return { kind: "unacceptable", refusal: { reason, field: null, deadLetter: null } };
  }
  return { kind: "unwelcome", reason };
}

const byIndex = (rejected: readonly (Refusal & { index: number })[]): ReadonlyMap<number, Refusal> =>
  new Map(rejected.map(({ index, reason, field, deadLetter }) => [index, { reason, field, deadLetter }]));

/** Null when it is no JSON object: something in between answered. */
function parse(text: string): Problem | null {
  try {
    const json: unknown = JSON.parse(text);
    return typeof json === "object" && json !== null ? (json as Problem) : null;
  } catch {
    return null;
  }
}

const excerpt = (text: string): string => JSON.stringify(text.slice(0, 200));

/** Seconds or a date, as HTTP has it; the problem document has it in ms. */
function retryAfter(response: Response, problem: Problem | null): number | null {
  const header = response.headers.get("retry-after");
  const said = problem?.retryAfterMs ?? (header === null ? NaN : Number(header) * 1_000);
  const ms = Number.isFinite(said) || header === null ? said : Date.parse(header) - Date.now();
  return Number.isFinite(ms) ? Math.min(Math.max(ms, 0), LONGEST_RETRY_AFTER_MS) : null;
}

/** `fetch failed` has its reason inside. */
function causeOf(error: unknown): string {
  const { cause } = error as { cause?: unknown };
  const inner = cause instanceof AggregateError ? (cause.errors[0] as unknown) : (cause ?? error);
  if (!(inner instanceof Error)) return String(inner);
  return inner.message || ((inner as NodeJS.ErrnoException).code ?? inner.name);
}
