/**
 * Which pipelines feed which others, learnt from the batches that they share: a pipeline that had ended before another began,
 * on the same correlation id, with nothing between them, handed the batch on. Nobody declares anything, so it is a guess with
 * its evidence beside it: how many batches took that way, and when the last one did.
 *
 * Within a batch the order is that of intervals: A comes before B when A ended before B began. Only neighbours are joined (A
 * leads to B when nothing ran wholly between them). A run that overlaps all that began before it hangs on the one that began
 * the batch: nothing better is known.
 *
 * Pure and deterministic: any order of batches and runs gives the same answer. Bounded: an id that many pipelines share (a
 * constant, a date) says nothing about who feeds whom, so such batches are counted and left out.
 */
import type { BatchRuns, Run } from "./batch";
import { compareText } from "./value";

/** A batch of more pipelines than this is no path of data. */
export const MOST_PIPELINES_OF_BATCH = 64;
/** Joined pairs that are remembered; the newest batches come first. */
export const MOST_LINKS = 20_000;

export interface Link {
  from: string;
  to: string;
  /** Batches that took this way. */
  batches: number;
  /** When the newest of them came to `to`, epoch ms. */
  lastAt: number;
  lastBatch: string;
}

export interface Lineage {
  links: readonly Link[];
  /** Batches left out because too many pipelines share their id. */
  tooWide: number;
}

export interface Step {
  from: string;
  to: string;
}

/** Ways within one batch: pairs of pipelines in the order of the second one's start. */
export function stepsOf(runs: ReadonlyMap<string, Run>): Step[] {
  const order = [...runs].map(([name, run]) => ({ name, ...run })).sort(byStart);
  const steps: Step[] = [];
  const [first] = order;
  order.forEach((run, i) => {
    const before = order.slice(0, i).filter(({ endedAt }) => endedAt !== null && endedAt <= run.startedAt);
    if (before.length > 0) {
      const latest = before.at(-1)!;
      for (const one of before)
        if (one === latest || one.endedAt! > latest.startedAt) steps.push({ from: one.name, to: run.name });
    } else if (first !== undefined && first.startedAt < run.startedAt) steps.push({ from: first.name, to: run.name });
  });
  return steps;
}

const byStart = (a: { name: string; startedAt: number }, b: { name: string; startedAt: number }): number =>
  a.startedAt - b.startedAt || compareText(a.name, b.name);

/** What the batches of a window say together. Of two opposite ways the one that more batches took is kept. */
export function learnLineage(batches: Iterable<BatchRuns>): Lineage {
  const shared: { at: number; correlationId: string; runs: ReadonlyMap<string, Run> }[] = [];
  let tooWide = 0;
  for (const { correlationId, runs } of batches) {
    if (runs.size < 2) continue;
    if (runs.size > MOST_PIPELINES_OF_BATCH) tooWide++;
    else shared.push({ at: startOf(runs), correlationId, runs });
  }
  shared.sort((a, b) => b.at - a.at || compareText(a.correlationId, b.correlationId));
  const links = new Map<string, Map<string, Link>>();
  let count = 0;
  for (const { correlationId, runs } of shared) {
    for (const { from, to } of stepsOf(runs)) {
      const { startedAt } = runs.get(to)!;
      let ways = links.get(from);
      if (!ways) links.set(from, (ways = new Map()));
      const known = ways.get(to);
      if (!known) {
        if (count++ >= MOST_LINKS) continue;
        ways.set(to, { from, to, batches: 1, lastAt: startedAt, lastBatch: correlationId });
        continue;
      }
      known.batches++;
      if (startedAt > known.lastAt) [known.lastAt, known.lastBatch] = [startedAt, correlationId];
    }
  }
  return { links: withoutOpposites(links), tooWide };
}

function startOf(runs: ReadonlyMap<string, Run>): number {
  let start = Infinity;
  for (const { startedAt } of runs.values()) start = Math.min(start, startedAt);
  return start;
}

/** Where a pair is met both ways equally often neither is known to feed the other. */
function withoutOpposites(links: ReadonlyMap<string, ReadonlyMap<string, Link>>): Link[] {
  const kept: Link[] = [];
  for (const ways of links.values())
    for (const link of ways.values())
      if (link.batches > (links.get(link.to)?.get(link.from)?.batches ?? 0)) kept.push(link);
  return kept.sort(compareLinks);
}

/** Those that most batches took first. */
export const compareLinks = (a: Link, b: Link): number =>
  b.batches - a.batches || compareText(a.from, b.from) || compareText(a.to, b.to);

export interface LineageNode {
  pipelineName: string;
  /** Steps from the pipeline that is looked at: negative = upstream, positive = downstream. */
  layer: number;
}

export interface Neighbourhood {
  /** By layer, then in the order in which they were found. The pipeline itself is always there. */
  nodes: readonly LineageNode[];
  /** Those between the nodes. */
  links: readonly Link[];
  /** There are more pipelines within the depth than are told. */
  isCut: boolean;
}

/** The surroundings of a pipeline: what leads to it and what it leads to, up to so many steps and pipelines. */
export function neighbourhood(
  { links }: Pick<Lineage, "links">,
  pipelineName: string,
  bounds: { depth: number; pipelines: number },
): Neighbourhood {
  const layers = new Map([[pipelineName, 0]]);
  let isCut = false;
  for (const [side, from, to] of [
    [-1, "to", "from"],
    [1, "from", "to"],
  ] as const) {
    const ways = grouped(links, from);
    let edge = [pipelineName];
    for (let step = 1; step <= bounds.depth && edge.length > 0; step++) {
      const next: string[] = [];
      for (const name of edge)
        for (const link of ways.get(name) ?? []) {
          const other = link[to];
          if (layers.has(other)) continue;
          if (layers.size >= bounds.pipelines) {
            isCut = true;
            continue;
          }
          layers.set(other, side * step);
          next.push(other);
        }
      edge = next;
    }
  }
  const nodes = [...layers].map(([name, layer]) => ({ pipelineName: name, layer })).sort((a, b) => a.layer - b.layer);
  return { nodes, links: links.filter(({ from, to }) => layers.has(from) && layers.has(to)), isCut };
}

function grouped(links: readonly Link[], by: "from" | "to"): Map<string, Link[]> {
  const ways = new Map<string, Link[]>();
  for (const link of links) {
    const own = ways.get(link[by]);
    if (own) own.push(link);
    else ways.set(link[by], [link]);
  }
  return ways;
}

/** Layers of the ways within one batch: what nothing leads to is 0, everything else stands behind all that lead to it. */
export function layersOf(names: readonly string[], steps: readonly Step[]): LineageNode[] {
  const layers = new Map(names.map((name) => [name, 0]));
  // Steps come in the order of the second one's start, so what leads to a run has its layer already.
  for (const { from, to } of steps) layers.set(to, Math.max(layers.get(to) ?? 0, (layers.get(from) ?? 0) + 1));
  return names.map((pipelineName) => ({ pipelineName, layer: layers.get(pipelineName)! }));
}
