/** What a body holds: rows that can be taken, and beside them what cannot, with the bytes that were sent. */
import { AppError, type Rejection } from "../model/app-error";
import type { Row } from "../model/value";
import type { BodyFormat } from "./receive";
import { Refusal } from "./refusal";

/** Bytes that can be sent again as they are. */
export interface Raw {
  format: BodyFormat;
  bytes: Buffer;
}

export interface Rejected {
  index: number;
  field: string | null;
  reason: string;
  raw: Raw;
}

export interface Batch {
  rows: Row[];
  rejected: Rejected[];
}

/** Beyond this many the publisher's schema or code is wrong: the request is refused as a whole and stays with its sender. */
export const MAX_REJECTED = 1_000;
/** The same for what would have to be kept of them: each brings its schema along. */
const MAX_REJECTED_BYTES = 64 * 1024 * 1024;
export const MAX_EVENT_BYTES = 1_000_000;
const MAX_REASON_CHARS = 400;

/** Collects a body's events in their order. */
export class BatchBuilder {
  readonly batch: Batch = { rows: [], rejected: [] };
  private index = 0;
  private rejectedBytes = 0;

  /** Events so far, taken or not. */
  get events(): number {
    return this.index;
  }

  accept(row: Row): void {
    this.batch.rows.push(row);
    this.index++;
  }

  /** @param events how many events of the body this stands for */
  reject(refusal: Refusal, raw: Raw, events = 1): void {
    const { rejected } = this.batch;
    const reason = refusal.reason.slice(0, MAX_REASON_CHARS);
    rejected.push({ index: this.index, field: refusal.field, reason, raw });
    this.index += events;
    this.rejectedBytes += raw.bytes.length;
    if (rejected.length >= MAX_REJECTED || this.rejectedBytes > MAX_REJECTED_BYTES) {
      throw nothingAcceptable(
        `Too much of the body cannot be taken (${rejected.length} events so far); nothing of it was stored.`,
        rejected,
      );
    }
  }
}

export const nothingAcceptable = (message: string, rejected: readonly Rejected[]) =>
  new AppError("nothing-acceptable", message, { rejected: rejected.map((one) => rejection(one, null)) });

export const rejection = ({ index, field, reason }: Rejected, deadLetter: string | null): Rejection => ({
  index,
  field,
  reason,
  deadLetter,
});

export const tooBig = (size: number) => new Refusal(`is ${size} bytes; an event has at most ${MAX_EVENT_BYTES}`);
