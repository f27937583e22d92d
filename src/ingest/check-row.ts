/** What must hold for a row beyond its types, however it was sent (design §3). */
import { keyOf, MAX_AHEAD_MS, type Feed } from "../model/feed";
import type { Row } from "../model/value";
import { Refusal, shown } from "./refusal";

const MAX_KEY_CHARS = 1_024;
const OLDEST_MS = 1e11;

/** Null when the row can be taken. */
export type CheckRow = (row: Row, nowMs: number) => Refusal | null;

/** @returns the check for rows of this feed; `nowMs` is the clock's time, against which the future is judged */
export function rowCheck(feed: Feed): CheckRow {
  const times = timeFields(feed);
  const url = urlField(feed);
  const keyName = feed.fields[feed.key]!.name;
  return (row, nowMs) => {
    const key = keyFault(keyOf(feed, row));
    if (key !== null) return new Refusal(key, keyName);
    for (const { index, name, perMs } of times) {
      const fault = timeFault(Number(row[index]) / perMs, row[index], nowMs);
      if (fault !== null) return new Refusal(fault, name);
    }
    if (url === null || row[url] === null) return null;
    const fault = urlFault(row[url] as string);
    return fault === null ? null : new Refusal(fault, feed.fields[url]!.name);
  };
}

/** The times that decide where a row lies and which version is newest; a field such as a due date may say what it likes. */
function timeFields(feed: Feed) {
  return [...new Set([feed.eventTime, feed.ordering])].flatMap((index) => {
    const { name, type } = feed.fields[index]!;
    return type.kind === "timestamp" ? [{ index, name, perMs: type.unit === "millis" ? 1 : 1_000 }] : [];
  });
}

/** `url` of an event about a pipeline is where its logs are: a page makes a link of it. Elsewhere the word may mean anything. */
function urlField(feed: Feed): number | null {
  const isAboutPipelines = feed.fields.some((field) => field.name === "pipelineName");
  const index = feed.fields.findIndex((field) => field.name === "url" && field.type.kind === "string");
  return isAboutPipelines && index >= 0 ? index : null;
}

function keyFault(key: string): string | null {
  if (key === "") return "must not be empty";
  if (key.length > MAX_KEY_CHARS) return `has ${key.length} characters; a key has at most ${MAX_KEY_CHARS}`;
  // U+FFFD stands where the publisher's text was none, so two keys could become one.
  return /[\0\ufffd]/.test(key) ? `has a NUL or half a character in it: ${shown(key)}` : null;
}

function timeFault(ms: number, sent: unknown, nowMs: number): string | null {
  if (ms < OLDEST_MS) return `${shown(sent)} looks like seconds (or a time before 1973); send epoch milliseconds`;
  if (ms <= nowMs + MAX_AHEAD_MS) return null;
  const hours = Math.round((ms - nowMs) / 3_600_000);
  return `${shown(sent)} is ${hours} hours in the future; at most 24 are allowed. Is the unit milliseconds, the clock right?`;
}

function urlFault(url: string): string | null {
  const isWeb = /^https?:\/\/[^\s/]/i.test(url) && URL.canParse(url);
  return isWeb ? null : `must be an address that begins with http:// or https://, not ${shown(url)}`;
}
