/**
 * Answers about completed positions, which never change: equal questions that are asked at the same time share one run, and
 * results are kept while they fit, the longest unused leaving first.
 */
export interface Sized<T> {
  value: T;
  bytes: number;
}

export class Answers {
  readonly #running = new Map<string, Promise<unknown>>();
  /** In order of use, the longest unused first. */
  readonly #kept = new Map<string, Sized<unknown>>();
  #bytes = 0;

  constructor(readonly maxBytes: number) {}

  /**
   * @param question everything that the answer depends on; two callers with one question must want one type
   * @param ask runs unless the answer is known or on its way; its size decides whether it is kept. A failure is not kept
   */
  async get<T>(question: string, ask: () => Promise<Sized<T>>): Promise<T> {
    const known = this.#kept.get(question);
    if (known) {
      this.#kept.delete(question);
      this.#kept.set(question, known);
      return known.value as T;
    }
    const running = this.#running.get(question);
    if (running) return running as Promise<T>;
    const run = ask().then((answer) => {
      this.#keep(question, answer);
      return answer.value;
    });
    this.#running.set(question, run);
    try {
      return await run;
    } finally {
      this.#running.delete(question);
    }
  }

  /** The same for rows of completed positions, which never change: they are kept unless they are many. Null (gone) is not kept. */
  getRows<T>(question: string, ask: () => Promise<T[] | null>): Promise<T[] | null> {
    return this.get(question, async () => {
      const value = await ask();
      return { value, bytes: value === null || value.length > MOST_KEPT_ROWS ? Infinity : approximateBytes(value) };
    });
  }

  #keep(question: string, answer: Sized<unknown>): void {
    if (answer.bytes > this.maxBytes) return;
    this.#kept.set(question, answer);
    this.#bytes += answer.bytes;
    for (const [oldest, { bytes }] of this.#kept) {
      if (this.#bytes <= this.maxBytes) return;
      this.#kept.delete(oldest);
      this.#bytes -= bytes;
    }
  }
}

/** Larger answers are not kept: whoever asks for so much keeps what it makes of it. */
export const MOST_KEPT_ROWS = 10_000;
const SAMPLE = 64;

/** About how much memory rows take, from the JSON of some of them: texts that repeat are shared, so it is rather too much. */
export function approximateBytes(rows: readonly unknown[]): number {
  if (rows.length === 0) return 0;
  const step = Math.max(1, Math.floor(rows.length / SAMPLE));
  let sampled = 0;
  let count = 0;
  for (let i = 0; i < rows.length; i += step) {
    sampled += JSON.stringify(rows[i]).length + 64;
    count++;
  }
  return Math.ceil((sampled / count) * rows.length);
}
