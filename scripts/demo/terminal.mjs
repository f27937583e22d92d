/** What the demo says: lines that stay, and one status line that is written again and again; plain lines without a terminal. */
import { emitKeypressEvents } from "node:readline";

const STATUS_EVERY_MS = 500;
const STATUS_WITHOUT_TERMINAL_EVERY_MS = 10_000;
const KEYS = "b break a pipeline · f mend · k kill -9 the server · q quit";

export class Terminal {
  #out = process.stdout;
  #in = process.stdin;
  #status = "";
  #isInteractive = process.stdout.isTTY === true && process.stdin.isTTY === true;

  /** @param {string} line stays */
  tell(line) {
    if (!this.#isInteractive) {
      this.#out.write(`${line}\n`);
      return;
    }
    this.#out.write(`\r\x1b[K${line}\n`);
    this.#writeStatus();
  }

  /** Shows the status until the clock's signal ends it. @param {() => string} line */
  async showStatus(line, clock, signal) {
    while (!signal.aborted) {
      await clock.sleep(this.#isInteractive ? STATUS_EVERY_MS : STATUS_WITHOUT_TERMINAL_EVERY_MS);
      if (!this.#isInteractive) this.tell(line());
      else this.#status = line();
      this.#writeStatus();
    }
  }

  /** @param {Record<string, () => void>} actions by key; Ctrl-C acts as q does */
  onKeys(actions) {
    if (!this.#isInteractive) return;
    this.tell(`  ${KEYS}\n`);
    emitKeypressEvents(this.#in);
    this.#in.setRawMode(true);
    this.#in.on("keypress", (text, key) => actions[key.ctrl && key.name === "c" ? "q" : text]?.());
    this.#in.resume();
  }

  /** From here on lines are plain, and keys belong to the shell again. */
  close() {
    if (!this.#isInteractive) return;
    this.#isInteractive = false;
    this.#in.setRawMode(false);
    this.#in.pause();
    this.#out.write("\r\x1b[K");
  }

  #writeStatus() {
    if (this.#isInteractive && this.#status !== "")
      this.#out.write(`\r\x1b[K  ${this.#status.slice(0, this.#out.columns - 3)}`);
  }
}
