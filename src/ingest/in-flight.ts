/** Bounds what all requests together hold in memory between the first byte of a body and its acknowledgement. */
import { AppError } from "../model/app-error";

const RETRY_AFTER_MS = 1_000;

export class InFlight {
  private used = 0;

  constructor(private readonly maxBytes: number) {}

  /** Counts the chunks that pass against the bound; `release` gives back what they took. */
  meter(body: AsyncIterable<Uint8Array>): { body: AsyncIterable<Uint8Array>; release(): void } {
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
    return { body: metered(body, take), release };
  }

  private full() {
    return new AppError(
      "staging-full",
      `The requests that are being read hold ${this.used} bytes, of ${this.maxBytes}; send this again in a moment.`,
      { retryAfterMs: RETRY_AFTER_MS },
    );
  }
}

async function* metered(body: AsyncIterable<Uint8Array>, take: (bytes: number) => void): AsyncGenerator<Uint8Array> {
  for await (const chunk of body) {
    take(chunk.length);
    yield chunk;
  }
}
