/** Messages of a pull into the staging area: many in one file, each with its own outcome. */
import { setImmediate } from "node:timers/promises";
import { AppError } from "../../model/app-error";
import type { Row } from "../../model/value";
import type { Batch, Rejected } from "../batch";
import type { DeadLetters } from "../dead-letters";
import { MAX_FILE_ROWS, type Staging } from "../staging";
import { sourceOf, type DecodeMessage, type Delivery } from "./decode-message";

/** staged and dead: it is kept, acknowledge it; again: nothing of it is kept, let it be delivered again. */
export type Outcome = "staged" | "dead" | "again";

export interface PulledDelivery extends Delivery {
  /** Whether it may come again if it cannot be read; else it becomes a dead letter now. */
  mayComeAgain: boolean;
}

export interface MessageLane {
  decodeMessage: DecodeMessage;
  staging: Pick<Staging, "stage">;
  deadLetters: Pick<DeadLetters, "add">;
}

export interface Taken {
  /** Of the first messages, as many as were taken: those that one staged file holds, at least one. */
  outcomes: Outcome[];
  rows: number;
  deadLetters: number;
}

const TURN_MS = 10;

/**
 * Decodes messages in their order until a staged file is full, stages what they hold and returns when it is durable.
 *
 * @param messages at least one
 * @throws AppError staging-full, disk-full: none of them may be acknowledged
 */
export async function takeMessages(
  lane: MessageLane,
  messages: readonly PulledDelivery[],
  nowMs: number,
): Promise<Taken> {
  const { rows, bytes, outcomes, letters } = await decodeSome(lane.decodeMessage, messages, nowMs);
  if (rows.length > 0) await lane.staging.stage(rows, bytes);
  const deadLetters = await keepLetters(lane.deadLetters, letters, messages, outcomes);
  return { outcomes, rows: rows.length, deadLetters };
}

interface Letter {
  /** Of the message. */
  index: number;
  rejected: Rejected;
}

async function decodeSome(decode: DecodeMessage, messages: readonly PulledDelivery[], nowMs: number) {
  const rows: Row[] = [];
  const letters: Letter[] = [];
  const outcomes: Outcome[] = [];
  let bytes = 0;
  let turnStartedAt = performance.now();
  for (const [index, message] of messages.entries()) {
    const batch = await decoded(decode, message, nowMs);
    const isPoison = batch !== null && batch.rows.length === 0;
    if (batch === null || (isPoison && message.mayComeAgain)) outcomes.push("again");
    else {
      outcomes.push(isPoison ? "dead" : "staged");
      for (const row of batch.rows) rows.push(row);
      for (const rejected of batch.rejected) letters.push({ index, rejected });
      bytes += message.data.length;
    }
    if (rows.length >= MAX_FILE_ROWS) break;
    if (performance.now() - turnStartedAt < TURN_MS) continue;
    await setImmediate(); // others have their turn (invariant 6)
    turnStartedAt = performance.now();
  }
  return { rows, bytes, outcomes, letters };
}

/** Null when what is needed to read it cannot be had just now. */
function decoded(decode: DecodeMessage, message: PulledDelivery, nowMs: number): Batch | null | Promise<Batch | null> {
  const batch = decode(message, nowMs);
  return batch instanceof Promise ? batch.catch(nullWhenUnavailable) : batch;
}

function nullWhenUnavailable(error: unknown): null {
  if (error instanceof AppError && error.code === "engine-unavailable") return null;
  throw error;
}

/** Where no more dead letters are taken, the messages that need one come again: those beside them are not held up. */
async function keepLetters(
  deadLetters: MessageLane["deadLetters"],
  letters: readonly Letter[],
  messages: readonly PulledDelivery[],
  outcomes: Outcome[],
): Promise<number> {
  try {
    await deadLetters.add(
      letters.map(({ rejected }) => rejected),
      letters.map(({ index }) => sourceOf(messages[index]!)),
    );
    return letters.length;
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    for (const { index } of letters) outcomes[index] = "again";
    return 0;
  }
}
