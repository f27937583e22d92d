/** What changed among the problems, for those who hear the page: gathered, because news that interrupt each other say nothing. */
import type { Problem } from "~/model/problem";

type Problems = readonly Pick<Problem, "id" | "pipelineName" | "stageName">[];

export interface News {
  appeared: string[];
  recovered: string[];
}

const nameOf = ({ pipelineName, stageName }: Pick<Problem, "pipelineName" | "stageName">): string =>
  `${pipelineName}, ${stageName}`;

export function newsOf(before: Problems, now: Problems): News {
  const [old, next] = [before, now].map((problems) => new Set(problems.map(({ id }) => id)));
  return {
    appeared: now.filter(({ id }) => !old!.has(id)).map(nameOf),
    recovered: before.filter(({ id }) => !next!.has(id)).map(nameOf),
  };
}

const MOST_NAMED = 3;

/** `2 new problems: orders, load; billing, read. 1 recovered: stock, load.` Empty when there is no news. */
export function newsText({ appeared, recovered }: News): string {
  const named = (names: readonly string[]) =>
    names.slice(0, MOST_NAMED).join("; ") + (names.length > MOST_NAMED ? ` and ${names.length - MOST_NAMED} more` : "");
  const parts: string[] = [];
  if (appeared.length > 0)
    parts.push(`${appeared.length} new ${appeared.length === 1 ? "problem" : "problems"}: ${named(appeared)}.`);
  if (recovered.length > 0) parts.push(`${recovered.length} recovered: ${named(recovered)}.`);
  return parts.join(" ");
}

const GATHERED_MS = 3_000;

/** @returns tells news to those who hear the page, a few seconds' worth at once; null = no more */
export function speaker(region: HTMLElement | null): (news: News | null) => void {
  let waiting: News = { appeared: [], recovered: [] };
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
      waiting = { appeared: [], recovered: [] };
    }, GATHERED_MS);
  };
}

/** What appeared and recovered within the same moments is no news. */
export function gathered(first: News, then: News): News {
  const appeared = [...first.appeared, ...then.appeared];
  const recovered = then.recovered.filter((name) => {
    const at = appeared.indexOf(name);
    if (at >= 0) appeared.splice(at, 1);
    return at < 0;
  });
  return { appeared, recovered: [...first.recovered, ...recovered] };
}
