/** The unrecovered problems as the browser knows them: asked for once, then moved by frames. */
import type { ViewDelta } from "~/model/delta";
import type { Problem } from "~/model/problem";
import { rowToProblem } from "~/model/view";
import { isUnrecovered } from "./problem-order";

export class KnownProblems {
  readonly #byId = new Map<string, Problem>();
  /** What frames told of before the answer came: it is newer than the answer. */
  #moved: Set<string> | null = new Set();

  /** Whether they are all known. */
  get isComplete(): boolean {
    return this.#moved === null;
  }

  all(): Problem[] {
    return [...this.#byId.values()];
  }

  /** The answer. */
  begin(problems: readonly Problem[]): void {
    for (const problem of problems)
      if (!this.#moved?.has(problem.id) && isUnrecovered(problem)) this.#byId.set(problem.id, problem);
    this.#moved = null;
  }

  /** One that recovers leaves, one that fails anew enters again. */
  apply({ up, del }: Pick<ViewDelta, "up" | "del">): void {
    for (const id of del) {
      this.#moved?.add(id);
      this.#byId.delete(id);
    }
    for (const problem of up.map(rowToProblem)) {
      this.#moved?.add(problem.id);
      if (isUnrecovered(problem)) this.#byId.set(problem.id, problem);
      else this.#byId.delete(problem.id);
    }
  }
}
