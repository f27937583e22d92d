/** What a client may write where a position is asked for: `since`, `until`, Last-Event-ID (docs/live-protocol.md, rules 9 to 12). */
import { isInstant, type Instant } from "./instant";
import { parsePosition, type Position } from "./position";
import type { Topic as TopicName } from "./view";

export type Since =
  | { kind: "position"; position: Position }
  | { kind: "instant"; instant: Instant }
  | { kind: "time"; time: number }
  /** Before everything: the whole state. */
  | { kind: "start" };

const ISO = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d)?)?$/;

/** Null when the text is none of the forms. */
export function parseSince(text: string): Since | null {
  if (text === "0") return { kind: "start" };
  const position = parsePosition(text);
  if (position) return position.instant === "0" ? { kind: "start" } : { kind: "position", position: text };
  if (isInstant(text)) return { kind: "instant", instant: text };
  if (!ISO.test(text)) return null;
  // A time without a zone is UTC, as everywhere in Weir.
  const time = Date.parse(/T.*(Z|[+-]\d\d:\d\d)$/.test(text) || !text.includes("T") ? text : `${text}Z`);
  return Number.isNaN(time) ? null : { kind: "time", time };
}

export interface Wanted {
  topic: TopicName;
  /** As the client wrote it; null = from the head on. */
  since: string | null;
  /** The client has everything up to `since` and nothing after it; false = it may have more. */
  isExact: boolean;
}

/**
 * The topics of a stream and where each begins. `since` is `topic@POS,…`, for a single topic also a bare position; an id that
 * the browser sends back (Last-Event-ID) is of one topic and beats what the address says for it; for the other topics of
 * the stream the address is then out of date by as much as the stream had brought.
 *
 * @returns a sentence instead when the text names no topic
 */
export function wantedTopics(topics: string, since: string | null, lastEventId: string | null): Wanted[] | string {
  const names = [...new Set(topics.split(",").filter((name) => name !== ""))];
  const wrong = names.find((name) => !/^(feeds|views)\/[A-Za-z0-9_.-]{1,140}$/.test(name));
  if (names.length === 0 || wrong !== undefined) {
    return `topics must be names such as feeds/pipeline_events or views/problems with commas between them, not ${JSON.stringify(wrong ?? topics)}`;
  }
  const begins = new Map<string, string>();
  const name = (item: string) => {
    const at = item.lastIndexOf("@");
    const topic = item.slice(0, at);
    if (names.includes(topic)) begins.set(topic, item.slice(at + 1));
    // What is of none of them is no position of theirs either: whoever sent it is told so, and begins anew.
    else for (const name of names) if (at < 0 || !begins.has(name)) begins.set(name, item);
  };
  for (const item of (since ?? "").split(",")) if (item !== "") name(item);
  const id = lastEventId ?? "";
  if (id !== "") name(id);
  return (names as TopicName[]).map((topic) => ({
    topic,
    since: begins.get(topic) ?? null,
    isExact: id === "" || !id.includes("@") || id.startsWith(`${topic}@`),
  }));
}
