/**
 * An Avro container file in parts that a server takes: whole blocks behind the file's own header. Nothing is decoded, so that
 * the writer's schema, its defaults, aliases and exact numbers, arrives as it was written.
 */
import { findBlock, readHeader } from "../../ingest/avro/container";

export interface AvroPart {
  bytes: Buffer<ArrayBuffer>;
  /** Number of its first event in the file, from 1. */
  first: number;
  events: number;
}

export type AvroPiece = AvroPart | { damaged: string; first: number };

const PART_BYTES = 4 * 1024 ** 2;
/** Beyond 1,000 rejected events a request is refused as a whole; a block with more cannot be parted. */
const PART_EVENTS = 1_000;

/** @throws AppError bad-body when it has no header that can be read */
export function* avroParts(file: Buffer): Generator<AvroPiece> {
  const { end, sync } = readHeader(file);
  const header = file.subarray(0, end);
  let from = end;
  let to = end;
  let first = 1;
  let events = 0;
  const part = (): AvroPart => ({ bytes: Buffer.concat([header, file.subarray(from, to)]), first, events });
  while (to < file.length) {
    const block = findBlock(file, sync, to);
    const isDamaged = block.kind === "damaged";
    const count = isDamaged ? block.events : block.count;
    if (events > 0 && (isDamaged || events + count > PART_EVENTS || block.to - from > PART_BYTES)) {
      yield part();
      first += events;
      from = to;
      events = 0;
    }
    to = block.to;
    if (isDamaged) {
      yield { damaged: block.reason, first };
      first += count;
      from = to;
    } else events += count;
  }
  if (events > 0) yield part();
}
