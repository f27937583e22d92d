/**
 * A reader that follows the stream from the beginning over every crash, as an open page does: it applies a frame if and only
 * if `from <= cursor < to`, and goes on from its last id when the connection breaks.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { sseParser, type SseEvent } from "../sse";

export type Rows = Map<string, readonly unknown[]>;

const RETRY_MS = 100;

/** A stream tells of the hot window: for a follower that is to know every key of a run at its end, all of them are in it. */
export const WHOLE_IN_WINDOW = { WEIR_HOT_ROWS: "1000000" };

export class Follower {
  /** Position of the state, null before the first hello. */
  cursor: string | null = null;
  readonly rows: Rows = new Map();
  cols: string[] = [];
  /** What must never happen, in sentences. */
  readonly faults: string[] = [];
  #lastId: string | null = null;
  #key = 0;
  readonly #address: () => Promise<string>;
  readonly #stop: AbortSignal;

  constructor(address: () => Promise<string>, stop: AbortSignal) {
    this.#address = address;
    this.#stop = stop;
  }

  async run(): Promise<void> {
    while (!this.#stop.aborted) {
      try {
        await this.#followOnce(await this.#address());
      } catch (error) {
        // A connection that breaks or is refused is what this test is about; anything else ends it.
        if (!this.#stop.aborted && !(error instanceof TypeError)) throw error;
      }
      if (!this.#stop.aborted) await sleep(RETRY_MS);
    }
  }

  async #followOnce(base: string): Promise<void> {
    const response = await fetch(`${base}/api/v1/feeds/pipeline_events/live?since=0`, {
      headers: { "accept-encoding": "identity", ...(this.#lastId !== null && { "last-event-id": this.#lastId }) },
      signal: this.#stop,
    });
    if (!response.ok || response.body === null) throw new Error(`The stream answered ${response.status}.`);
    const parse = sseParser();
    const decoder = new TextDecoder();
    for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>)
      for (const event of parse(decoder.decode(chunk, { stream: true }))) this.#take(event);
  }

  #take({ event, id, data }: SseEvent): void {
    if (id !== null) this.#lastId = id === "" ? null : id;
    if (event === "hello") {
      this.cols = data["cols"] as string[];
      this.#key = this.cols.indexOf(data["key"] as string);
      this.cursor ??= `${String(data["epoch"])}.0`;
    } else if (event === "delta")
      this.#apply(data as unknown as { from: string; to: string; up: unknown[][]; del: string[] });
    else if (event === "reset") this.faults.push(`The stream was reset (${String(data["reason"])}) at ${this.cursor}.`);
  }

  #apply({ from, to, up, del }: { from: string; to: string; up: unknown[][]; del: string[] }): void {
    const cursor = this.cursor ?? from;
    if (to <= cursor) return;
    if (from > cursor) return void this.faults.push(`A frame began at ${from}, beyond the cursor ${cursor}.`);
    if (epochOf(from) !== epochOf(to)) this.faults.push(`A frame leads from ${from} into another epoch, ${to}.`);
    for (const key of del) this.rows.delete(key);
    for (const row of up) this.rows.set(row[this.#key] as string, row);
    this.cursor = to;
  }
}

const epochOf = (position: string): string => position.split(".")[0]!;
