/** Tries in memory, bounded: those that were kept longest ago are let go. */
import { isOver, type Tries } from "./tries";

const MOST_KEPT = 20_000;

export class TriesByKey<T extends Tries> {
  readonly #kept = new Map<string, T>();

  /** @param now epoch ms; what is over by then is forgotten */
  find(key: string, now: number): T | undefined {
    const found = this.#kept.get(key);
    if (found === undefined || !isOver(found, now)) return found;
    this.#kept.delete(key);
    return undefined;
  }

  keep(key: string, tries: T): void {
    this.#kept.delete(key); // the newest come last
    this.#kept.set(key, tries);
    if (this.#kept.size <= MOST_KEPT) return;
    const [oldest] = this.#kept.keys();
    this.#kept.delete(oldest!);
  }

  forget(key: string): void {
    this.#kept.delete(key);
  }

  /** One attempt less, which was right. Nothing is left of what was nothing but that. */
  takeBack(key: string): void {
    const found = this.#kept.get(key);
    if (found === undefined) return;
    if (found.count <= 1) this.#kept.delete(key);
    else this.#kept.set(key, { ...found, count: found.count - 1, next: 0 });
  }
}
