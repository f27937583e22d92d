/**
 * Answers that pages ask for with each request, kept until somebody decides something. A page costs the server a few
 * milliseconds; asking the database for owners, marks and views anew each time was a third of that.
 */
import { KeptAnswers } from "../kept-answers";

const MOST_KEPT = 500;

export class DecidedAnswers {
  /** How often something was changed through this process. */
  #changes = 0;
  #keptAt = "";
  #answers = new KeptAnswers<unknown>(MOST_KEPT);

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
   * @param question names it, with all that the answer depends on
   * @throws what `load` throws, and what the database does when it is asked for its revision
   */
  async get<T>(question: string, load: () => Promise<T>): Promise<T> {
    // Taken before the answer: what is committed in between makes the answer newer than its revision, never older.
    const revision = `${this.#changes} ${this.revision === null ? "" : await this.revision()}`;
    if (revision !== this.#keptAt) {
      this.#answers = new KeptAnswers(MOST_KEPT);
      this.#keptAt = revision;
    }
    return this.#answers.get(question, load) as Promise<T>;
  }
}
