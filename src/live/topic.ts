/**
 * One view as a stream: where it stands, and the ring of its last deltas. Frames are numbered, so that a subscriber needs to
 * remember one number only; the frames it has missed are sent as one, with the last value of each key.
 */
import type { Floor, StatusCounts, ViewDelta } from "../model/delta";
import { keyOf, type Feed } from "../model/feed";
import type { Instant } from "../model/instant";
import { comparePositions, type Position } from "../model/position";
import type { Row, WireValue } from "../model/value";
import type { Topic as TopicName } from "../model/view";
import { deltaText, Piece } from "./frames";

export interface TopicHead {
  position: Position;
  instant: Instant | null;
  committedAt: number | null;
  floor: Floor | null;
  counts: StatusCounts | null;
}

export interface Frame {
  seq: number;
  delta: ViewDelta;
  /** Made when the first client needs it. */
  piece(): Piece;
  /** Estimate of what it keeps in memory. */
  cost: number;
}

export interface RingLimits {
  frames: number;
  bytes: number;
}

export class Topic {
  readonly name: TopicName;
  readonly shape: Feed;
  readonly #limits: RingLimits;
  #head: TopicHead;
  #ring: Frame[] = [];
  #seq = 0;
  #cost = 0;
  /** The position from which the ring is complete. */
  #reach: Position;
  readonly #merged = new Map<number, Frame>();

  constructor(name: TopicName, shape: Feed, head: TopicHead, limits: RingLimits) {
    this.name = name;
    this.shape = shape;
    this.#head = head;
    this.#reach = head.position;
    this.#limits = limits;
  }

  get head(): TopicHead {
    return this.#head;
  }

  /** Number of the newest frame; a subscriber that holds it has everything. */
  get seq(): number {
    return this.#seq;
  }

  get epoch(): string {
    return this.#head.position.split(".")[0]!;
  }

  /** What the ring keeps, for the metrics. */
  get size(): { frames: number; bytes: number } {
    return { frames: this.#ring.length, bytes: this.#cost };
  }

  /**
   * Moves to a later position. A view in which nothing changed gives no frame: its next one, or a heartbeat, covers the step.
   *
   * @param change null = nothing changed
   */
  advance(head: TopicHead, change: { up: readonly Row[]; del: readonly string[] } | null): Frame | null {
    const from = this.#ring.at(-1)?.delta.to ?? this.#reach;
    this.#head = head;
    this.#merged.clear();
    if (change === null) return null;
    const frame = this.#frame(++this.#seq, {
      from,
      to: head.position,
      up: change.up,
      del: change.del,
      floor: head.floor,
      at: head.committedAt,
      counts: head.counts,
    });
    this.#ring.push(frame);
    this.#cost += frame.cost;
    this.#trim();
    return frame;
  }

  /** Begins again at another position that no delta leads to: whoever follows must load the page again. */
  restart(head: TopicHead): void {
    this.#head = head;
    this.#ring = [];
    this.#cost = 0;
    this.#seq++;
    this.#reach = head.position;
    this.#merged.clear();
  }

  /**
   * Number of the last frame that a follower at this position of the topic's epoch has; null when the ring does not reach
   * back so far.
   */
  seqAt(position: Position): number | null {
    if (comparePositions(position, this.#reach)! < 0) return null;
    const next = this.#ring.findIndex(({ delta }) => comparePositions(delta.to, position)! > 0);
    return next < 0 ? this.#seq : this.#ring[next]!.seq - 1;
  }

  /** Everything after frame `seq` as one frame; null when there is nothing, "lost" when the ring has dropped a part of it. */
  after(seq: number): Frame | null | "lost" {
    if (seq >= this.#seq) return null;
    // Frames of the ring are numbered without holes.
    const first = seq + 1 - (this.#ring[0]?.seq ?? Infinity);
    if (first < 0) return "lost";
    if (first === this.#ring.length - 1) return this.#ring[first]!;
    let merged = this.#merged.get(seq);
    if (!merged) {
      merged = this.#frame(
        this.#seq,
        conflate(
          this.shape,
          this.#ring.slice(first).map(({ delta }) => delta),
        ),
      );
      this.#merged.set(seq, merged);
    }
    return merged;
  }

  #frame(seq: number, delta: ViewDelta): Frame {
    let piece: Piece | null = null;
    return {
      seq,
      delta,
      cost: costOf(delta),
      piece: () => (piece ??= new Piece(deltaText(this.name, delta))),
    };
  }

  #trim(): void {
    let drop = 0;
    while (
      this.#ring.length - drop > this.#limits.frames ||
      (this.#cost > this.#limits.bytes && drop < this.#ring.length)
    ) {
      this.#cost -= this.#ring[drop++]!.cost;
    }
    if (drop === 0) return;
    this.#reach = this.#ring[drop - 1]!.delta.to;
    this.#ring = this.#ring.slice(drop);
  }
}

/** One delta for several that follow each other: the last value of each key. */
export function conflate(shape: Feed, deltas: readonly ViewDelta[]): ViewDelta {
  const up = new Map<string, Row>();
  const del = new Set<string>();
  for (const delta of deltas) {
    for (const key of delta.del) {
      up.delete(key);
      del.add(key);
    }
    for (const row of delta.up) {
      const key = keyOf(shape, row);
      del.delete(key);
      up.set(key, row);
    }
  }
  const last = deltas.at(-1)!;
  return { ...last, from: deltas[0]!.from, up: [...up.values()], del: [...del] };
}

/** Rows, JSON and its compressed form together, roughly: twice the text and the pointers. */
function costOf(delta: ViewDelta): number {
  let cost = 512;
  for (const key of delta.del) cost += 16 + key.length;
  for (const row of delta.up) for (const value of row) cost += costOfValue(value);
  return cost;
}

function costOfValue(value: WireValue): number {
  if (typeof value === "string") return 16 + 2 * value.length;
  if (typeof value !== "object" || value === null) return 24;
  let cost = 64;
  for (const item of Array.isArray(value) ? (value as readonly WireValue[]) : Object.values(value)) {
    cost += costOfValue(item as WireValue);
  }
  return cost;
}
