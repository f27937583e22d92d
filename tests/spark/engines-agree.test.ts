/**
 * One history that both engines write in turns: what each commits is what the model expects, both answer the same at every
 * instant, whoever wrote it, and the lake goes from one to the other and back with its positions.
 */
import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { identifier, Sql, sql } from "~/lake/spark/sql/sql";
import { EVERYTHING } from "~/model/filter";
import type { Instant } from "~/model/instant";
import { positionOf } from "~/model/position";
import type { Row } from "~/model/value";
import { stateSql } from "~/web/pages/lake/state-sql";
import { generatedHistory } from "../contract/generated-history";
import { ModelLake } from "../contract/model-lake";
import { pipelineFeed } from "../support/pipeline-feed";
import { seededRandom } from "../support/random";
import { SharedLake, type EngineKind } from "../support/shared-lake";
import { noSpark, sharedSession } from "../support/spark";

const NO_LIMIT = 1_000_000;
const LAND_WITHIN_MS = 1_200_000;
const FIELD = (name: string) => pipelineFeed.fields.findIndex((field) => field.name === name);
/** Texts, which come as they are whoever is asked. */
const SHOWN = ["eventId", "correlationId", "status", "errorMessage"];

const byKey = (rows: readonly Row[]) => [...rows].sort((a, b) => (a[0]! < b[0]! ? -1 : 1));

/** Lands rows as two files, and compares what the commit tells with what the model expects. */
async function land(lake: SharedLake, model: ModelLake, rows: readonly Row[]): Promise<void> {
  const unseen = model.unseen(rows);
  const half = Math.ceil(rows.length / 2);
  const parts = [rows.slice(0, half), rows.slice(half)].filter((part) => part.length > 0);
  const commit = await lake.tables.writer.commit(await Promise.all(parts.map((part) => lake.stage(part))));
  if (commit === null) return expect(unseen).toEqual([]);
  expect(commit.versions).toBe(unseen.length);
  expect(commit.duplicates).toBe(rows.length - unseen.length);
  model.commit(commit.instant, unseen);
  const since = model.instants.at(-2) ?? "0";
  expect(byKey(commit.up)).toEqual(byKey(model.changes(since, commit.instant)));
}

/**
 * Who writes the next so many commits. A commit takes Spark a hundred times as long as the embedded engine, so it writes few of
 * them: at the beginning, on what the other has left, and at the end on all of it.
 */
const TURNS: readonly { engine: EngineKind; commits: number }[] = [
  { engine: "spark", commits: 5 },
  { engine: "embedded", commits: 23 },
  { engine: "spark", commits: 5 },
  { engine: "embedded", commits: 23 },
  { engine: "spark", commits: 4 },
];

/** What an engine found when its turn came. */
interface HandOver {
  epoch: string;
  head: Instant | null;
  expectedHead: Instant | null;
  rows: readonly Row[];
  expectedRows: readonly Row[];
}

describe.skipIf(noSpark)("both engines", () => {
  // 10,000 events and more, with late, repeated and moved ones.
  const history = generatedHistory(7, { commits: 60, perCommit: 167 });
  const model = new ModelLake(pipelineFeed);
  const handOvers: HandOver[] = [];
  let lake: SharedLake;
  const session = sharedSession();

  beforeAll(async () => {
    const shown = identifier(`shown_${randomBytes(6).toString("hex")}`);
    await session().execute(sql`CREATE DATABASE ${shown}`);
    await session().execute(sql`USE ${shown}`);
    lake = await SharedLake.make(pipelineFeed);
    let next = 0;
    for (const { engine, commits } of TURNS) {
      const { reader } = await lake.open(engine);
      const { instant } = await reader.head();
      const newest = model.instants.at(-1) ?? null;
      handOvers.push({
        epoch: reader.epoch,
        head: instant,
        expectedHead: newest,
        rows: newest === null ? [] : await lake.rowsAt(newest),
        expectedRows: newest === null ? [] : model.rowsAt(newest, EVERYTHING),
      });
      for (const { rows } of history.slice(next, next + commits)) await land(lake, model, rows);
      next += commits;
    }
    expect(next).toBe(history.length);
  }, LAND_WITHIN_MS);
  afterAll(() => lake.remove());

  const expectEveryInstant = async () => {
    expect(await lake.tables.reader.reach()).toBe(model.instants[0]);
    for (const instant of model.instants)
      expect(await lake.rowsAt(instant), instant).toEqual(model.rowsAt(instant, EVERYTHING));
  };

  it("hand a lake to each other and go on where the other stopped, with the same positions", () => {
    expect(new Set(handOvers.map(({ epoch }) => epoch)).size).toBe(1);
    for (const { head, expectedHead, rows, expectedRows } of handOvers) {
      expect(head).toBe(expectedHead);
      expect(rows, String(head)).toEqual(expectedRows);
    }
  });

  it(
    "take messages again without changing anything (invariant 2)",
    async () => {
      const before = await lake.tables.reader.head();
      await land(lake, model, [...history[2]!.rows, ...history[30]!.rows]);
      expect((await lake.tables.reader.head()).position).toBe(before.position);
    },
    LAND_WITHIN_MS,
  );

  it(
    "give for any range what changed in it (invariant 4)",
    async () => {
      const { reader } = lake.tables;
      const random = seededRandom(3);
      for (let i = 0; i < 6; i++) {
        const [a, b] = [random.pick(model.instants), random.pick(model.instants)].sort() as [Instant, Instant];
        const changes = await reader.changes(positionOf(reader.epoch, a), positionOf(reader.epoch, b));
        expect(changes, `${a}..${b}`).toMatchObject({ kind: "delta", up: model.changes(a, b), del: [] });
      }
    },
    LAND_WITHIN_MS,
  );

  /** What a page of these tables offers for Spark, and what Spark gives for it, as lines of a few columns. */
  const offered = async (instant: Instant, onlyChanged = false): Promise<{ text: string; lines: string[] }> => {
    const isHead = instant === model.instants.at(-1);
    const app = { tables: () => lake.tables };
    const texts = await stateSql(app, pipelineFeed.name, instant, { isHead, onlyChanged });
    const { sql: text } = texts.find(({ engine }) => engine === "spark")!;
    const statements = text.split(/;\n|;$/).filter((statement) => statement !== "");
    for (const statement of statements.slice(0, -1)) await session().execute(Sql.trusted(statement));
    const { columns, rows } = await session().query(Sql.trusted(statements.at(-1)!), { maxRows: NO_LIMIT });
    const asked = SHOWN.map((name) => columns.findIndex((column) => column.name === name));
    return { text, lines: rows.map((row) => JSON.stringify(asked.map((column) => row[column]))).sort() };
  };
  const linesOf = (rows: readonly Row[]) =>
    rows.map((row) => JSON.stringify(SHOWN.map((name) => row[FIELD(name)]))).sort();
  /** Committed by Spark and by the embedded engine. */
  const someInstants = () => [3, 20, 30, 40, model.instants.length - 1].map((n) => model.instants[n]!);

  it(
    "offer statements with which Spark gives the rows of a page, whichever of them shows it",
    async () => {
      const asOf: boolean[] = [];
      for (const engine of ["embedded", "spark"] as const) {
        await lake.open(engine);
        for (const instant of someInstants()) {
          const { text, lines } = await offered(instant);
          expect(lines, text).toEqual(linesOf(model.rowsAt(instant, EVERYTHING)));
          asOf.push(text.includes("TIMESTAMP AS OF"));
        }
        const newest = model.instants.at(-1)!;
        const { text, lines } = await offered(newest, true);
        const written = new Set(linesOf(model.changes(model.instants.at(-2)!, newest)));
        // The log also has versions that lost to what there was.
        expect(lines.filter((line) => written.has(line)).length, text).toBe(written.size);
        if (engine === "embedded") expect(lines.length, text).toBe(written.size);
      }
      expect(asOf).toContain(true);
    },
    LAND_WITHIN_MS,
  );

  it(
    "answer the same rows at every instant of one history, whichever of them wrote it (invariants 2, 5)",
    async () => {
      await lake.open("spark");
      await expectEveryInstant();
      await lake.open("embedded");
      await expectEveryInstant();
    },
    LAND_WITHIN_MS,
  );
});
