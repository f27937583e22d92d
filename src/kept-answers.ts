/** Answers that never change once given: each is worked out once, shared by all who ask meanwhile, and the last few are kept. */
export class KeptAnswers<T> {
  readonly #answers = new Map<string, Promise<T>>();

  constructor(readonly most: number) {}

  get(question: string, answer: () => Promise<T>): Promise<T> {
    const known = this.#answers.get(question);
    if (known) {
      this.#answers.delete(question);
      this.#answers.set(question, known);
      return known;
    }
    const asked = answer();
    this.#answers.set(question, asked);
    // Whoever asked is told of the fault; the next one asks again.
    asked.catch(() => this.#answers.delete(question));
    if (this.#answers.size > this.most) this.#answers.delete(this.#answers.keys().next().value!);
    return asked;
  }
}
