/** Sending until something is known: retries with growing, scattered waits, and no earlier than the far end asked for. */
import { setTimeout as sleep } from "node:timers/promises";
import pRetry from "p-retry";
import type { Answer, Transport } from "./transport.js";

export interface Persistence {
  /** Attempts in all; Infinity = until the signal. */
  tries: number;
  /** Whether a wait keeps a process alive that has nothing else to do: not for what is safe on disk. */
  keepsAlive: boolean;
  /** Ends waits and requests. */
  signal: AbortSignal;
  /** Told of every attempt that failed. */
  onAway: (reason: string, attempt: number) => void;
}

const FIRST_WAIT_MS = 250;
const LONGEST_WAIT_MS = 20_000;
/** A sender that gives up after a few tries anyway does not sit out a longer wait than this. */
const LONGEST_POLITE_WAIT_MS = 2_000;

class AwayError extends Error {
  constructor(readonly answer: Extract<Answer, { kind: "away" }>) {
    super(answer.reason);
  }
}

/** The first answer that is not "away", or the last one. Never throws for what the far end does. */
export async function sendAgain(
  transport: Transport,
  lines: readonly string[],
  { tries, keepsAlive, signal, onAway }: Persistence,
): Promise<Answer> {
  const attempt = async (): Promise<Answer> => {
    const answer = await transport.send(lines, signal);
    if (answer.kind === "away") throw new AwayError(answer);
    return answer;
  };
  let last: AwayError | null = null;
  try {
    return await pRetry(attempt, {
      retries: tries - 1,
      minTimeout: FIRST_WAIT_MS,
      maxTimeout: LONGEST_WAIT_MS,
      randomize: true,
      unref: !keepsAlive,
      signal,
      onFailedAttempt: ({ error, attemptNumber }) => {
        if (!(error instanceof AwayError)) return;
        last = error;
        onAway(error.message, attemptNumber);
      },
      shouldRetry: async ({ error }) => {
        if (!(error instanceof AwayError)) return false;
        const waitMs = error.answer.retryAfterMs ?? 0;
        if (Number.isFinite(tries) && waitMs > LONGEST_POLITE_WAIT_MS) return false;
        await sleep(waitMs, undefined, { signal, ref: keepsAlive });
        return true;
      },
    });
  } catch (error) {
    if (error instanceof AwayError) return error.answer;
    if (!signal.aborted) throw error;
    return (
      (last as AwayError | null)?.answer ?? { kind: "away", reason: "the publisher is closing", retryAfterMs: null }
    );
  }
}
