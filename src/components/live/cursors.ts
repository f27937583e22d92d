/**
 * Where the page stands on each topic, and the changes that wait to be shown. A frame is taken whole or not at all, by the
 * rule of `decideFrame`; taken frames are gathered, the last value of each key, until the page shows them.
 */
import type { Floor, StatusCounts, ViewDelta } from "~/model/delta";
import { comparePositions, decideFrame, type Position } from "~/model/position";
import type { Row } from "~/model/value";

export interface TopicStart {
  topic: string;
  /** The position that the page was rendered at. */
  since: Position;
  /** Index of the key in a row. */
  key: number;
}

interface Gathered {
  from: Position;
  up: Map<string, Row>;
  del: Set<string>;
  floor: Floor | null;
  at: number | null;
  counts: StatusCounts | null;
}

interface Cursor {
  key: number;
  position: Position;
  gathered: Gathered | null;
}

/** `taken` and `known` go on, `gap` means that frames were lost, `reset` that the page must be loaded again. */
export type Taken = "taken" | "known" | "gap" | "reset";

export class Cursors {
  readonly #byTopic = new Map<string, Cursor>();

  constructor(topics: readonly TopicStart[]) {
    for (const { topic, since, key } of topics) this.#byTopic.set(topic, { key, position: since, gathered: null });
  }

  /** Another set of topics. Those that stay keep where the page stands and what waits to be shown. */
  retarget(topics: readonly TopicStart[]): void {
    const known = new Map(this.#byTopic);
    this.#byTopic.clear();
    for (const { topic, since, key } of topics)
      this.#byTopic.set(topic, known.get(topic) ?? { key, position: since, gathered: null });
  }

  position(topic: string): Position | null {
    return this.#byTopic.get(topic)?.position ?? null;
  }

  /** `topics=…&since=…` of the stream's address. */
  query(): string {
    const topics = [...this.#byTopic.keys()];
    const since = topics.map((topic) => `${topic}@${this.#byTopic.get(topic)!.position}`);
    return new URLSearchParams({ topics: topics.join(","), since: since.join(",") }).toString();
  }

  /** The greeting names where the stream begins, which must be where the page stands: it has said so in the address. */
  greet(topic: string, since: Position): Taken {
    const cursor = this.#byTopic.get(topic);
    if (!cursor) return "known";
    const order = comparePositions(since, cursor.position);
    return order === null ? "reset" : order === 0 ? "known" : "gap";
  }

  take(topic: string, delta: ViewDelta): Taken {
    const cursor = this.#byTopic.get(topic);
    if (!cursor) return "known";
    const decision = decideFrame(cursor.position, delta.from, delta.to);
    if (decision === "drop") return "known";
    if (decision !== "apply") return decision;
    const gathered = (cursor.gathered ??= {
      from: cursor.position,
      up: new Map(),
      del: new Set(),
      floor: null,
      at: null,
      counts: null,
    });
    for (const key of delta.del) {
      gathered.up.delete(key);
      gathered.del.add(key);
    }
    for (const row of delta.up) {
      const key = row[cursor.key] as string;
      gathered.del.delete(key);
      gathered.up.set(key, row);
    }
    gathered.floor = delta.floor;
    gathered.at = delta.at;
    gathered.counts = delta.counts;
    cursor.position = delta.to;
    return "taken";
  }

  /** A heartbeat says that nothing is missing up to `head`: the view at the head is the one that the page has. */
  bookmark(topic: string, head: Position): void {
    const cursor = this.#byTopic.get(topic);
    if (cursor && (comparePositions(head, cursor.position) ?? 0) > 0) cursor.position = head;
  }

  /** Hands out what was gathered, one delta per topic, in the order in which the topics were named. */
  flush(show: (topic: string, delta: ViewDelta) => void): void {
    for (const [topic, cursor] of this.#byTopic) {
      const { gathered } = cursor;
      if (!gathered) continue;
      cursor.gathered = null;
      const { from, up, del, floor, at, counts } = gathered;
      show(topic, { from, to: cursor.position, up: [...up.values()], del: [...del], floor, at, counts });
    }
  }
}
