/** Bounds what all requests together hold in memory between the first byte of a body and its acknowledgement. */
import { AppError } from "../model/app-error";
import { counted } from "./receive";

const RETRY_AFTER_MS = 1_000;

export class InFlight {
  private used = 0;

  constructor(private readonly maxBytes: number) {}

  /**
   * Counts the chunks that pass, and what `take` is told of beside them, against the bound; `release` gives it all back.
   * What they throw at the bound is staging-full.
   */
  meter(body: AsyncIterable<Uint8Array>): {
    body: AsyncIterable<Uint8Array>;
    take(bytes: number): void;
    release(): void;
  } {
    let taken = 0;
    const take = (bytes: number) => {
      if (this.used + bytes > this.maxBytes) throw this.full();
      this.used += bytes;
      taken += bytes;
    };
    const release = () => {
      this.used -= taken;
      taken = 0;
    };
    return { body: counted(body, take), take, release };
  }

  private full() {
    return new AppError(
      "staging-full",
      `The requests that are being read hold ${this.used} bytes, of ${this.maxBytes}; send this again in a moment.`,
      { retryAfterMs: RETRY_AFTER_MS },
    );
  }
}
