/** Messages that the server has not acknowledged, on disk: they outlive the publisher. */
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";

export class Spool {
  #folder;
  #next;

  /** @param {string} folder absolute */
  constructor(folder) {
    this.#folder = folder;
    mkdirSync(folder, { recursive: true });
    this.#next = 1 + Math.max(0, ...this.#numbers());
  }

  /** @param {readonly object[]} events @returns {string} name to `remove` it by */
  put(events) {
    const name = String(this.#next++).padStart(9, "0");
    const file = this.#file(name);
    writeFileSync(`${file}.part`, JSON.stringify(events));
    renameSync(`${file}.part`, file);
    return name;
  }

  /** What an earlier run left, oldest first. @returns {{ name: string, events: object[] }[]} */
  left() {
    return this.#numbers()
      .map((it) => String(it).padStart(9, "0"))
      .map((name) => ({ name, events: JSON.parse(readFileSync(this.#file(name), "utf8")) }));
  }

  /** @param {string} name */
  remove(name) {
    rmSync(this.#file(name), { force: true });
  }

  #numbers() {
    return readdirSync(this.#folder)
      .filter((it) => it.endsWith(".json"))
      .map((it) => Number.parseInt(it, 10))
      .sort((a, b) => a - b);
  }

  #file = (name) => path.join(this.#folder, `${name}.json`);
}
