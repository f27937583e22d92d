/** A pace that stands still until a test moves it: every wait of a loop is a step that can be looked at. */
import type { Pace } from "../../src/ingest/pace";

interface Sleeper {
  until: number;
  wake(): void;
}

export class SteppedPace implements Pace {
  private now = 0;
  private readonly sleepers = new Set<Sleeper>();

  elapsed(): number {
    return this.now;
  }

  /** Work that takes this long. */
  spend(ms: number): void {
    this.now += ms;
  }

  /** How much longer each sleeper sleeps, the next to wake first. */
  get waits(): number[] {
    return [...this.sleepers].map(({ until }) => until - this.now).sort((a, b) => a - b);
  }

  /** Moves on and wakes whoever is due. */
  advance(ms: number): void {
    this.now += ms;
    for (const sleeper of [...this.sleepers]) if (sleeper.until <= this.now) sleeper.wake();
  }

  sleep(ms: number, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const wake = () => {
        this.sleepers.delete(sleeper);
        signal.removeEventListener("abort", wake);
        resolve();
      };
      const sleeper = { until: this.now + ms, wake };
      this.sleepers.add(sleeper);
      signal.addEventListener("abort", wake);
    });
  }
}
