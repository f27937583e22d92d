/**
 * Answers that pages ask for with each request, kept until somebody decides something. A page costs the server a few
 * milliseconds; asking the database for owners, marks and views anew each time was a third of that.
 */
const MOST_KEPT = 500;

export class KeptAnswers {
  /** What was changed through this process. */
  #changes = 0;
  #keptAt = "";
  /** The least recently used first. */
  readonly #answers = new Map<string, Promise<unknown>>();

  /**
   * @param revision of a database that others write too: a text that differs whenever something was committed in between;
   *   null = nobody else writes it
   */
  constructor(private readonly revision: (() => Promise<string>) | null) {}

  /** To be called when a transaction has ended, before whoever asked for it is told. */
  changed(): void {
    this.#changes += 1;
  }

  /**
   * What `load` answered at the database's present revision. It is shared: nobody changes it.
   *
   * @param key names the question with all that it depends on
   * @throws what `load` throws, and what the database does when it is asked for its revision
   */
  async get<T>(key: string, load: () => Promise<T>): Promise<T> {
    // Taken before the answer: what is committed in between makes the answer newer than its revision, never older.
    const revision = `${this.#changes} ${this.revision === null ? "" : await this.revision()}`;
    if (revision !== this.#keptAt) {
      this.#answers.clear();
      this.#keptAt = revision;
    }
    const kept = this.#answers.get(key) as Promise<T> | undefined;
    const answer = kept ?? load();
    this.#answers.delete(key);
    this.#answers.set(key, answer);
    if (kept === undefined) this.#bound(key, answer);
    return answer;
  }

  #bound(key: string, answer: Promise<unknown>): void {
    const [oldest] = this.#answers.keys();
    if (this.#answers.size > MOST_KEPT) this.#answers.delete(oldest!);
    answer.catch(() => {
      if (this.#answers.get(key) === answer) this.#answers.delete(key);
    });
  }
}
