/**
 * One history on both engines: what Spark commits and answers is what the embedded engine commits and answers, at every
 * instant; and a lake goes from one engine to the other and back with its positions.
 */
import { randomBytes } from "node:crypto";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pino from "pino";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { systemClock } from "~/clock";
import { fileEncoder } from "~/ingest/avro/encode";
import { openLake, type FeedTables, type Lake } from "~/lake/open";
import { localStorage } from "~/lake/storage/local";
import type { StagedFile } from "~/lake/writer";
import { EVERYTHING } from "~/model/filter";
import type { Instant } from "~/model/instant";
import { positionOf } from "~/model/position";
import type { Row } from "~/model/value";
import { generatedHistory } from "../contract/generated-history";
import { ModelLake } from "../contract/model-lake";
import { pipelineFeed } from "../support/pipeline-feed";
import { seededRandom } from "../support/random";
import { noSpark, sparkAddress } from "../support/spark";

const NO_LIMIT = 1_000_000;
const LAND_WITHIN_MS = 1_200_000;
const encode = fileEncoder(pipelineFeed);
const log = pino({ level: "silent" });

/** A lake in a folder of its own, opened by one engine after the other. */
class SharedLake {
  tables!: FeedTables;
  #lake: Lake | null = null;
  #staged = 0;

  private constructor(
    readonly folder: string,
    readonly database: string,
  ) {}

  static async make(): Promise<SharedLake> {
    const folder = await mkdtemp(join(tmpdir(), "weir-engines-"));
    await mkdir(join(folder, "lake", "_staging", pipelineFeed.name), { recursive: true });
    return new SharedLake(folder, `engines_${randomBytes(6).toString("hex")}`);
  }

  async open(kind: "embedded" | "spark"): Promise<FeedTables> {
    await this.#lake?.close();
    const address = { ...sparkAddress(), database: this.database };
    const engine = kind === "spark" ? { kind, address, url: `file:${this.folder}/lake`, log } : { kind };
    const storage = localStorage(this.folder);
    // Long enough that no slice goes while the test looks at all of them.
    this.#lake = await openLake({ engine, storage, folder: "lake", clock: systemClock, retainMs: 3_600_000 });
    this.tables = await this.#lake.tables(pipelineFeed);
    await this.tables.writer.recover();
    return this.tables;
  }

  async stage(rows: readonly Row[]): Promise<StagedFile> {
    const name = `${String(++this.#staged).padStart(17, "0")}-${rows.length}-0123abcd.avro`;
    const path = `lake/_staging/${pipelineFeed.name}/${name}`;
    await writeFile(join(this.folder, path), encode(rows, randomBytes(16)));
    return { name, path, rows: () => Promise.resolve(rows) };
  }

  async commit(model: ModelLake, rows: readonly Row[]): Promise<void> {
    const unseen = model.unseen(rows);
    const half = Math.ceil(rows.length / 2);
    const parts = [rows.slice(0, half), rows.slice(half)].filter((part) => part.length > 0);
    const commit = await this.tables.writer.commit(await Promise.all(parts.map((part) => this.stage(part))));
    if (commit === null) return expect(unseen).toEqual([]);
    expect(commit.versions).toBe(unseen.length);
    expect(commit.duplicates).toBe(rows.length - unseen.length);
    model.commit(commit.instant, unseen);
    const since = model.instants.at(-2) ?? "0";
    expect(byKey(commit.up)).toEqual(byKey(model.changes(since, commit.instant)));
  }

  async rowsAt(instant: Instant): Promise<readonly Row[]> {
    const { reader } = this.tables;
    const answer = await reader.snapshot({
      at: positionOf(reader.epoch, instant),
      filter: EVERYTHING,
      limit: NO_LIMIT,
    });
    if (answer.kind === "gone") throw new Error(`${instant} is gone`);
    return answer.rows;
  }

  async remove(): Promise<void> {
    await this.#lake?.close();
    await rm(this.folder, { recursive: true, force: true });
  }
}

const byKey = (rows: readonly Row[]) => [...rows].sort((a, b) => (a[0]! < b[0]! ? -1 : 1));

describe.skipIf(noSpark)("both engines", () => {
  // 10,000 events and more, with late, repeated and moved ones.
  const history = generatedHistory(7, { commits: 60, perCommit: 167 });
  const model = new ModelLake(pipelineFeed);
  let onSpark: SharedLake;

  beforeAll(async () => {
    onSpark = await SharedLake.make();
    await onSpark.open("spark");
    for (const { rows } of history) await onSpark.commit(model, rows);
  }, LAND_WITHIN_MS);
  afterAll(() => onSpark.remove());

  it(
    "commit and answer the same rows at every instant of one history (invariants 2, 5)",
    async () => {
      const embedded = await SharedLake.make();
      try {
        await embedded.open("embedded");
        const twin = new ModelLake(pipelineFeed);
        for (const { rows } of history) await embedded.commit(twin, rows);
        expect(twin.instants.length).toBe(model.instants.length);
        for (const [n, instant] of model.instants.entries()) {
          const rows = await onSpark.rowsAt(instant);
          expect(rows, instant).toEqual(model.rowsAt(instant, EVERYTHING));
          expect(await embedded.rowsAt(twin.instants[n]!), instant).toEqual(rows);
        }
      } finally {
        await embedded.remove();
      }
    },
    LAND_WITHIN_MS,
  );

  it(
    "give for any range what changed in it (invariant 4)",
    async () => {
      const { reader } = onSpark.tables;
      const random = seededRandom(3);
      for (let i = 0; i < 12; i++) {
        const [a, b] = [random.pick(model.instants), random.pick(model.instants)].sort() as [Instant, Instant];
        const changes = await reader.changes(positionOf(reader.epoch, a), positionOf(reader.epoch, b));
        expect(changes, `${a}..${b}`).toMatchObject({ kind: "delta", up: model.changes(a, b), del: [] });
      }
    },
    LAND_WITHIN_MS,
  );

  it(
    "take messages again without changing anything (invariant 2)",
    async () => {
      const before = await onSpark.tables.reader.head();
      await onSpark.commit(model, history[30]!.rows);
      expect((await onSpark.tables.reader.head()).position).toBe(before.position);
    },
    LAND_WITHIN_MS,
  );

  it(
    "hand a lake to each other and go on where the other stopped, with the same positions",
    async () => {
      const more = generatedHistory(19, { commits: 4, perCommit: 60 });
      const { epoch } = onSpark.tables.reader;
      for (const [n, engine] of (["embedded", "spark", "embedded", "spark"] as const).entries()) {
        const { reader } = await onSpark.open(engine);
        expect(reader.epoch).toBe(epoch);
        expect(await reader.head()).toMatchObject({ instant: model.instants.at(-1) });
        for (const instant of [model.instants[7]!, model.instants.at(-2)!, model.instants.at(-1)!]) {
          expect(await onSpark.rowsAt(instant), `${engine} ${instant}`).toEqual(model.rowsAt(instant, EVERYTHING));
        }
        await onSpark.commit(model, more[n]!.rows);
      }
      expect(await onSpark.rowsAt(model.instants.at(-1)!)).toEqual(model.rowsAt(model.instants.at(-1)!, EVERYTHING));
    },
    LAND_WITHIN_MS,
  );
});
