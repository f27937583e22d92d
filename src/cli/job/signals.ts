/**
 * Signals to this process while it runs a job. They are caught from before the job's start until after its story is told:
 * whichever moment one comes in, the job hears of it and nothing of the story is lost.
 */
import { EventEmitter } from "node:events";

/** Those that ask a process to do something; what stops and continues it is for the terminal to say. */
const CAUGHT: readonly NodeJS.Signals[] = ["SIGTERM", "SIGINT", "SIGHUP", "SIGQUIT", "SIGUSR1", "SIGUSR2"];

/** Emits `signal` with the name of each as it comes. */
export class Signals extends EventEmitter<{ signal: [NodeJS.Signals] }> {
  #last: NodeJS.Signals | null = null;
  readonly #take = (signal: NodeJS.Signals): void => {
    this.#last = signal;
    this.emit("signal", signal);
  };

  constructor() {
    super();
    for (const name of CAUGHT) process.on(name, this.#take);
  }

  /** The last that came; null = none yet. */
  get last(): NodeJS.Signals | null {
    return this.#last;
  }

  /** Resolves when one comes, or after so many milliseconds without any. */
  next(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const end = () => {
        clearTimeout(timer);
        this.off("signal", end);
        resolve();
      };
      const timer = setTimeout(end, ms);
      this.on("signal", end);
    });
  }

  /** From here on they do what they do to any process. */
  close(): void {
    for (const name of CAUGHT) process.off(name, this.#take);
  }
}
