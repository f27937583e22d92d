/**
 * What people decide about which failures are one problem, over what the fingerprint says. Two kinds: a merge takes a problem
 * into another one of the same pipeline and stage, a split takes the failures out whose error contains a text. Rules speak of
 * problems by id, so they hold for failures that are yet to come, and deleting a rule undoes it.
 *
 * Pure. Grouping is of today: the same rules are applied to the events of the present and of any past position.
 */
import { fingerprint } from "./normalise-error";

interface AnyRule {
  id: string;
  feed: string;
  /** The problem that the rule changes. */
  problemId: string;
}

export interface MergeRule extends AnyRule {
  kind: "merge";
  /** The problem that its failures belong to from now on: of the same pipeline and stage, for a stage recovers as a whole. */
  into: string;
}

export interface SplitRule extends AnyRule {
  kind: "split";
  /** Failures whose error has this text in its first line, in whatever case, are a problem of their own. */
  containing: string;
}

export type ProblemRule = MergeRule | SplitRule;

/** Where a failure belongs. */
export interface Placed {
  id: string;
  /** Its own problem was merged into another on the way. */
  isMerged: boolean;
}

/** Steps from one rule to the next; further ones are not taken, whatever rules there are. */
const MOST_STEPS = 16;

/** The id of what a split takes out of a problem: known before anything was taken out. */
export const splitId = (problemId: string, containing: string): string =>
  fingerprint(JSON.stringify(["split", problemId, containing.toLowerCase()]));

/** The rules of one feed, ready to be asked for each failure. */
export class Regrouping {
  /** Of what the rules say: equal for equal rules. Empty when there are none. */
  readonly version: string;
  readonly #merges = new Map<string, string>();
  readonly #splits = new Map<string, { needle: string; id: string }[]>();
  /** By the id of what was split off. */
  readonly #containing = new Map<string, string>();

  /** @param rules of one feed, the oldest first: of several splits that fit, the oldest takes */
  constructor(rules: readonly ProblemRule[]) {
    for (const rule of rules) {
      if (rule.kind === "merge") this.#merges.set(rule.problemId, rule.into);
      else {
        const { problemId, containing } = rule;
        const own = this.#splits.get(problemId) ?? [];
        const id = splitId(problemId, containing);
        own.push({ needle: containing.toLowerCase(), id });
        this.#splits.set(problemId, own);
        this.#containing.set(id, containing);
      }
    }
    const said = rules.map((rule) => [rule.problemId, rule.kind === "merge" ? rule.into : null, textOf(rule)]);
    this.version = rules.length === 0 ? "" : fingerprint(JSON.stringify(said));
  }

  get isEmpty(): boolean {
    return this.version === "";
  }

  /**
   * Where a failure belongs. A split is taken before a merge, and a way that comes back to a problem ends there.
   *
   * @param id the problem that its fingerprint names
   * @param line first line of its error
   */
  place(id: string, line: string): Placed {
    const placed: Placed = { id, isMerged: false };
    if (!this.#merges.has(id) && !this.#splits.has(id)) return placed;
    const seen = new Set([id]);
    const text = line.toLowerCase();
    for (let step = 0; step < MOST_STEPS; step++) {
      const split = this.#splits.get(placed.id)?.find(({ needle, id: to }) => !seen.has(to) && text.includes(needle));
      if (split) {
        placed.id = split.id;
        seen.add(split.id);
        continue;
      }
      const into = this.#merges.get(placed.id);
      if (into === undefined) return placed;
      placed.id = into;
      placed.isMerged = true;
      if (seen.has(into)) return placed;
      seen.add(into);
    }
    return placed;
  }

  /** The text by which a problem was split off; null when it was not. */
  containingOf(id: string): string | null {
    return this.#containing.get(id) ?? null;
  }

  /** The problem that stands for one which was merged; itself when it was not. */
  standsFor(id: string): string {
    const seen = new Set([id]);
    for (let at = id; ;) {
      const into = this.#merges.get(at);
      if (into === undefined) return at;
      if (seen.has(into)) return into;
      seen.add(into);
      at = into;
    }
  }
}

const textOf = (rule: ProblemRule): string | null => (rule.kind === "split" ? rule.containing : null);

export const NO_RULES = new Regrouping([]);
