/** A client of event streams for tests: parses what arrives over a real connection, nothing more. */
import type { Readable } from "node:stream";

export interface SseEvent {
  event: string;
  /** Null when the event had no id line. */
  id: string | null;
  retry: number | null;
  data: Record<string, unknown>;
}

/** Parses a growing text; keeps the unfinished rest. */
export function sseParser(): (text: string) => SseEvent[] {
  let rest = "";
  return (text) => {
    const blocks = (rest + text).split("\n\n");
    rest = blocks.pop()!;
    return blocks.map(parseBlock);
  };
}

function parseBlock(block: string): SseEvent {
  const event: SseEvent = { event: "message", id: null, retry: null, data: {} };
  for (const line of block.split("\n")) {
    const colon = line.indexOf(":");
    const [name, value] = [line.slice(0, colon), line.slice(colon + 1).trimStart()];
    if (name === "event") event.event = value;
    if (name === "id") event.id = value;
    if (name === "retry") event.retry = Number(value);
    if (name === "data") event.data = JSON.parse(value) as Record<string, unknown>;
  }
  return event;
}

export interface SseStream {
  status: number;
  headers: Headers;
  events: SseEvent[];
  /** Waits until an event satisfies the condition and returns it; looks at those that came before too. */
  until(condition: (event: SseEvent) => boolean): Promise<SseEvent>;
  /** Waits for the server to end the stream. */
  ended: Promise<void>;
  close(): void;
}

/** Opens a stream with fetch, which decodes gzip as browsers do. */
export async function openSse(url: string, headers: Record<string, string> = {}): Promise<SseStream> {
  const abort = new AbortController();
  const response = await fetch(url, { headers, signal: abort.signal });
  const events: SseEvent[] = [];
  let waiters: (() => void)[] = [];
  let isDone = false;
  const wake = () => {
    const due = waiters;
    waiters = [];
    for (const resolve of due) resolve();
  };
  const ended = (async () => {
    const parse = sseParser();
    const decoder = new TextDecoder();
    try {
      for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
        events.push(...parse(decoder.decode(chunk, { stream: true })));
        wake();
      }
    } catch (error) {
      // Closing it ourselves ends the body with an abort; a compressed stream has no trailer, which undici tells as "terminated".
      if (!abort.signal.aborted && !/terminated|incorrect header check|unexpected end/.test(String(error))) throw error;
    } finally {
      isDone = true;
      wake();
    }
  })();
  ended.catch(() => undefined);
  return {
    status: response.status,
    headers: response.headers,
    events,
    ended,
    close: () => abort.abort(),
    until: async (condition) => {
      for (;;) {
        const found = events.find(condition);
        if (found) return found;
        if (isDone)
          throw new Error(`The stream ended without it; it had ${events.map(({ event }) => event).join(" ")}`);
        await new Promise<void>((resolve) => waiters.push(resolve));
      }
    },
  };
}

/** Reads a raw connection until the condition holds. */
export async function readUntil(stream: Readable, condition: (text: string) => boolean): Promise<string> {
  let text = "";
  for await (const chunk of stream) {
    text += String(chunk);
    if (condition(text)) break;
  }
  return text;
}
