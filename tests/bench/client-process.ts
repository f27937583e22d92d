/** Clients of a bench run in processes of their own, so that their work is not taken for the server's. */
import { fork, type ChildProcess } from "node:child_process";
import { fileURLToPath } from "node:url";

export class ClientProcess<Told, Asked> {
  readonly pid: number;
  readonly #child: ChildProcess;
  readonly #heard: Told[] = [];
  #listeners: ((message: Told) => void)[] = [];
  #failure: Error | null = null;
  #failed: ((error: Error) => void)[] = [];

  /** @param name a compiled file of this folder @param argument given to it as JSON */
  constructor(name: string, argument: unknown) {
    const file = fileURLToPath(new URL(`./${name}.mjs`, import.meta.url));
    this.#child = fork(file, [JSON.stringify(argument)], { stdio: ["ignore", "inherit", "inherit", "ipc"] });
    this.pid = this.#child.pid!;
    const stop = () => this.#child.kill("SIGKILL");
    process.once("exit", stop);
    this.#child.on("message", (message: Told) => {
      this.#heard.push(message);
      for (const listener of this.#listeners) listener(message);
    });
    this.#child.once("exit", (code, signal) => {
      process.off("exit", stop);
      this.#failure = new Error(`The client ${name} ended with ${code ?? signal}.`);
      for (const reject of this.#failed.splice(0)) reject(this.#failure);
    });
  }

  send(message: Asked): void {
    this.#child.send(message as object);
  }

  /** The first message, past or coming, that the predicate takes. Rejects when the client ends before. */
  message<T extends Told>(is: (message: Told) => message is T): Promise<T> {
    const known = this.#heard.find(is);
    if (known) return Promise.resolve(known);
    if (this.#failure) return Promise.reject(this.#failure);
    return new Promise((resolve, reject) => {
      const listener = (message: Told) => {
        if (!is(message)) return;
        this.#listeners = this.#listeners.filter((other) => other !== listener);
        this.#failed = this.#failed.filter((other) => other !== reject);
        resolve(message);
      };
      this.#listeners.push(listener);
      this.#failed.push(reject);
    });
  }

  close(): void {
    this.#child.kill("SIGKILL");
  }
}

/** For the client's side. */
export const tell = (message: unknown): void => void process.send?.(message as object);
