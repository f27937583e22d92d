/** What changed among the problems, for those who hear the page: gathered, because news that interrupt each other say nothing. */
import type { Problem } from "~/model/problem";

type Problems = readonly Pick<Problem, "id" | "pipelineName" | "stageName">[];

/** By name, what came to be so and what is so no longer. */
export interface Turn {
  began: readonly string[];
  ended: readonly string[];
}

export interface News {
  /** Problems that appeared or recovered. */
  problems: Turn;
  /** Pipelines that nothing is heard of any more, or again. */
  unheard: Turn;
}

const NO_TURN: Turn = { began: [], ended: [] };
const NO_NEWS: News = { problems: NO_TURN, unheard: NO_TURN };

const nameOf = ({ pipelineName, stageName }: Pick<Problem, "pipelineName" | "stageName">): string =>
  `${pipelineName}, ${stageName}`;

export function newsOfProblems(before: Problems, now: Problems): News {
  const [old, next] = [before, now].map((problems) => new Set(problems.map(({ id }) => id)));
  const began = now.filter(({ id }) => !old!.has(id)).map(nameOf);
  const ended = before.filter(({ id }) => !next!.has(id)).map(nameOf);
  return { ...NO_NEWS, problems: { began, ended } };
}

const shown = (pipelineName: string): string => (pipelineName === "" ? "(no name)" : pipelineName);

/**
 * @param before names of pipelines, as `now`
 * @param known the pipelines that there are: one whose last rows are gone is not heard of again
 */
export function newsOfUnheard(
  before: ReadonlySet<string>,
  now: ReadonlySet<string>,
  known: Pick<ReadonlyMap<string, unknown>, "has">,
): News {
  const began = [...now].filter((name) => !before.has(name)).map(shown);
  const ended = [...before].filter((name) => !now.has(name) && known.has(name)).map(shown);
  return { ...NO_NEWS, unheard: { began, ended } };
}

const MOST_NAMED = 3;

/** `2 new problems: orders, load; billing, read. 1 recovered: stock, load. Nothing heard of: parts.` Empty when there is no news. */
export function newsText({ problems, unheard }: News): string {
  const named = (names: readonly string[]) =>
    names.slice(0, MOST_NAMED).join("; ") + (names.length > MOST_NAMED ? ` and ${names.length - MOST_NAMED} more` : "");
  const { began, ended } = problems;
  const parts: string[] = [];
  if (began.length > 0)
    parts.push(`${began.length} new ${began.length === 1 ? "problem" : "problems"}: ${named(began)}.`);
  if (ended.length > 0) parts.push(`${ended.length} recovered: ${named(ended)}.`);
  if (unheard.began.length > 0) parts.push(`Nothing heard of: ${named(unheard.began)}.`);
  if (unheard.ended.length > 0) parts.push(`Heard of again: ${named(unheard.ended)}.`);
  return parts.join(" ");
}

const GATHERED_MS = 3_000;

/** @returns tells news to those who hear the page, a few seconds' worth at once; null = no more */
export function speaker(region: HTMLElement | null): (news: News | null) => void {
  let waiting = NO_NEWS;
  let timer: ReturnType<typeof setTimeout> | null = null;
  return (news) => {
    if (news === null) {
      if (timer !== null) clearTimeout(timer);
      return;
    }
    waiting = gathered(waiting, news);
    if (timer !== null || newsText(waiting) === "") return;
    timer = setTimeout(() => {
      timer = null;
      if (region) region.textContent = newsText(waiting);
      waiting = NO_NEWS;
    }, GATHERED_MS);
  };
}

/** What began and ended within the same moments is no news. */
export const gathered = (first: News, then: News): News => ({
  problems: gatheredTurn(first.problems, then.problems),
  unheard: gatheredTurn(first.unheard, then.unheard),
});

function gatheredTurn(first: Turn, then: Turn): Turn {
  const began = [...first.began, ...then.began];
  const ended = then.ended.filter((name) => {
    const at = began.indexOf(name);
    if (at >= 0) began.splice(at, 1);
    return at < 0;
  });
  return { began, ended: [...first.ended, ...ended] };
}
