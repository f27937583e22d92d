import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { BatchRuns, Run } from "./batch";
import { layersOf, learnLineage, MOST_PIPELINES_OF_BATCH, neighbourhood, stepsOf } from "./lineage";

const run = (startedAt: number, endedAt: number | null): Run => ({
  correlationId: "b",
  state: endedAt === null ? "running" : "completed",
  startedAt,
  endedAt,
  heardAt: endedAt ?? startedAt,
  rowsIn: null,
  rowsOut: null,
});

const runsOf = (runs: Readonly<Record<string, [number, number | null]>>): Map<string, Run> =>
  new Map(Object.entries(runs).map(([name, [from, to]]) => [name, run(from, to)]));

const batch = (correlationId: string, runs: Parameters<typeof runsOf>[0]): BatchRuns => ({
  correlationId,
  runs: runsOf(runs),
});

const ways = (runs: Parameters<typeof runsOf>[0]) => stepsOf(runsOf(runs)).map(({ from, to }) => `${from}>${to}`);

describe("the way of a batch through pipelines", () => {
  it("leads from what ended before to what began after it, neighbours only", () => {
    expect(ways({ land: [0, 10], ingest: [12, 30], bill: [31, 40] })).toEqual(["land>ingest", "ingest>bill"]);
  });

  it("forks and joins", () => {
    expect(ways({ ingest: [0, 10], bill: [11, 20], crm: [12, 40], report: [41, 50] })).toEqual([
      "ingest>bill",
      "ingest>crm",
      "bill>report",
      "crm>report",
    ]);
  });

  it("hangs what overlaps everything before it on the one that began the batch", () => {
    expect(ways({ stream: [0, null], a: [5, 20], b: [6, 30] })).toEqual(["stream>a", "stream>b"]);
  });

  it("says nothing about pipelines that began at the same moment", () => {
    expect(ways({ a: [0, 10], b: [0, 5] })).toEqual([]);
  });

  it("stands every pipeline behind all that lead to it", () => {
    const runs = runsOf({ a: [0, 1], b: [2, 3], c: [2, 5], d: [6, 7] });
    const layers = Object.fromEntries(
      layersOf([...runs.keys()], stepsOf(runs)).map(({ pipelineName, layer }) => [pipelineName, layer]),
    );
    expect(layers).toEqual({ a: 0, b: 1, c: 1, d: 2 });
  });
});

const name = fc.constantFrom("a", "b", "c", "d", "e", "", "__proto__");
const anyRun = fc
  .tuple(fc.integer({ min: 0, max: 20 }), fc.option(fc.integer({ min: 0, max: 20 })))
  .map(([from, length]) => run(from, length === null ? null : from + length));
const anyRuns = fc.array(fc.tuple(name, anyRun), { maxLength: 7 }).map((pairs) => new Map(pairs));
const anyBatches = fc
  .array(anyRuns, { maxLength: 12 })
  .map((all) => all.map((runs, i): BatchRuns => ({ correlationId: `batch-${i}`, runs })));

describe("lineage learnt from shared batches", () => {
  it("is the same for any order of batches and of the runs within them", () => {
    fc.assert(
      fc.property(anyBatches, fc.infiniteStream(fc.integer({ min: 0, max: 1_000 })), (batches, numbers) => {
        const shuffled = <T>(items: readonly T[]): T[] =>
          items
            .map((item) => [numbers.next().value as number, item] as const)
            .sort(([a], [b]) => a - b)
            .map(([, item]) => item);
        const again = shuffled(batches).map(({ correlationId, runs }) => ({
          correlationId,
          runs: new Map(shuffled([...runs])),
        }));
        expect(learnLineage(again)).toEqual(learnLineage(batches));
      }),
    );
  });

  it("never leads from a pipeline to itself, nor both ways between two", () => {
    fc.assert(
      fc.property(anyBatches, (batches) => {
        const links = learnLineage(batches).links.map(({ from, to }) => JSON.stringify([from, to]));
        expect(new Set(links).size).toBe(links.length);
        for (const link of links) {
          const [from, to] = JSON.parse(link) as [string, string];
          expect(from).not.toBe(to);
          expect(links).not.toContain(JSON.stringify([to, from]));
        }
      }),
    );
  });

  it("counts only ways that a batch took, forwards in time", () => {
    fc.assert(
      fc.property(anyRuns, (runs) => {
        const steps = stepsOf(runs);
        const order: string[] = [...runs]
          .sort(([a, x], [b, y]) => x.startedAt - y.startedAt || (a < b ? -1 : 1))
          .map(([n]) => n);
        for (const { from, to } of steps) expect(order.indexOf(from)).toBeLessThan(order.indexOf(to));
      }),
    );
  });

  it("keeps the way that more batches took, with its evidence", () => {
    const { links } = learnLineage([
      batch("1", { a: [0, 5], b: [6, 9] }),
      batch("2", { a: [100, 105], b: [106, 109] }),
      batch("3", { b: [50, 55], a: [56, 59] }),
    ]);
    expect(links).toEqual([{ from: "a", to: "b", batches: 2, lastAt: 106, lastBatch: "2" }]);
  });

  it("leaves out an id that thousands of pipelines share, and says so", () => {
    const crowd = Object.fromEntries(Array.from({ length: 5_000 }, (_, i) => [`p${i}`, [i * 10, i * 10 + 5] as [number, number]])); // prettier-ignore
    const lineage = learnLineage([batch("constant", crowd), batch("1", { a: [0, 5], b: [6, 9] })]);
    expect(lineage.tooWide).toBe(1);
    expect(lineage.links).toHaveLength(1);
    const widest = Object.fromEntries(Object.entries(crowd).slice(0, MOST_PIPELINES_OF_BATCH));
    expect(learnLineage([batch("wide", widest)]).links).toHaveLength(MOST_PIPELINES_OF_BATCH - 1);
  });

  it("shows the surroundings of a pipeline up to a depth and a number, also where ways go round", () => {
    const lineage = learnLineage([
      batch("1", { a: [0, 1], b: [2, 3], c: [4, 5], d: [6, 7], e: [8, 9] }),
      batch("2", { e: [100, 101], a: [102, 103] }),
    ]);
    const layers = (bounds: { depth: number; pipelines: number }) =>
      neighbourhood(lineage, "c", bounds).nodes.map(({ pipelineName, layer }) => `${pipelineName}${layer}`);
    expect(layers({ depth: 1, pipelines: 10 })).toEqual(["b-1", "c0", "d1"]);
    expect(new Set(layers({ depth: 9, pipelines: 10 })).size).toBe(5);
    expect(neighbourhood(lineage, "c", { depth: 9, pipelines: 2 })).toMatchObject({ isCut: true });
    expect(neighbourhood(lineage, "alone", { depth: 3, pipelines: 9 }).nodes).toEqual([
      { pipelineName: "alone", layer: 0 },
    ]);
  });
});
