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
  /** It covers several commits: what came and left between them is not told, so that only who stands at its start may take it. */
  isLeap: boolean;
}

interface RingFrame extends Frame {
  /** Where the view stood before the step. */
  base: Position;
  /** The floor moved back: rows that had been pushed out are in the view again. */
  isBarrier: boolean;
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
  #ring: RingFrame[] = [];
  #seq = 0;
  #cost = 0;
  /** The position from which the ring is complete. */
  #reach: Position;
  readonly #merged = new Map<number, Frame[]>();

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
   * @param isLeap the step may cover several commits
   */
  advance(
    head: TopicHead,
    change: { up: readonly Row[]; del: readonly string[] } | null,
    isLeap: boolean,
  ): Frame | null {
    const from = this.#ring.at(-1)?.delta.to ?? this.#reach;
    const { position: base, floor } = this.#head;
    this.#head = head;
    this.#merged.clear();
    // Over a leap the view may have changed and changed back: who stands in between must not think that nothing happened.
    if (change === null && !isLeap) return null;
    const plain = this.#frame(++this.#seq, isLeap, {
      from,
      to: head.position,
      up: change?.up ?? [],
      del: change?.del ?? [],
      floor: head.floor,
      at: head.committedAt,
      counts: head.counts,
    });
    const frame = { ...plain, base, isBarrier: movedBack(floor, head.floor) };
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
   * Number of the last frame that a follower at this position of the topic's epoch has; null when the ring cannot bring it
   * further: it does not reach back so far, or has only a leap over the position.
   *
   * @param isExact false = the follower may stand anywhere between the position and the head
   */
  seqAt(position: Position, isExact: boolean): number | null {
    if (comparePositions(position, this.#reach)! < 0) return null;
    const next = this.#ring.findIndex(({ delta }) => comparePositions(delta.to, position)! > 0);
    if (next < 0) return this.#seq;
    const frame = this.#ring[next]!;
    if (frame.isLeap && comparePositions(position, frame.base)! > 0) return null;
    if (!isExact && this.#ring.slice(next).some(({ isLeap }) => isLeap)) return null;
    return frame.seq - 1;
  }

  /**
   * Everything after frame `seq`, nearly always as one frame; "lost" when the ring has dropped a part of it. Frames are not
   * merged across one that moved the floor back: what was pushed out before it must be trimmed first.
   */
  after(seq: number): readonly Frame[] | "lost" {
    if (seq >= this.#seq) return [];
    // Frames of the ring are numbered without holes.
    const first = seq + 1 - (this.#ring[0]?.seq ?? Infinity);
    if (first < 0) return "lost";
    let merged = this.#merged.get(seq);
    if (!merged) this.#merged.set(seq, (merged = this.#merge(this.#ring.slice(first))));
    return merged;
  }

  #merge(frames: readonly RingFrame[]): Frame[] {
    const groups: RingFrame[][] = [];
    for (const frame of frames) {
      if (frame.isBarrier || groups.length === 0) groups.push([frame]);
      else groups.at(-1)!.push(frame);
    }
    return groups.map((group) => {
      if (group.length === 1) return group[0]!;
      const deltas = group.map(({ delta }) => delta);
      return this.#frame(
        group.at(-1)!.seq,
        group.some(({ isLeap }) => isLeap),
        conflate(this.shape, deltas),
      );
    });
  }

  #frame(seq: number, isLeap: boolean, delta: ViewDelta): Frame {
    let piece: Piece | null = null;
    return {
      seq,
      delta,
      isLeap,
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

/** Whether a window reaches further back than before. */
function movedBack(before: Floor | null, now: Floor | null): boolean {
  if (before === null) return false;
  return now === null || now[0] < before[0] || (now[0] === before[0] && now[1] > before[1]);
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
