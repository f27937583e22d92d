/** What the reader on Spark promises beyond the contract: how it reads, and what it asks for. */
import { readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import type { SparkReader } from "~/lake/spark/reader/spark-reader";
import { feedSource, type SparkQueries } from "~/lake/spark/reader/feed-source";
import { valueCondition } from "~/lake/spark/reader/filter-sql";
import { selection, stateRelation } from "~/lake/spark/reader/snapshot-sql";
import { selected, wireColumns } from "~/lake/spark/reader/wire-columns";
import { SparkReader as Reader } from "~/lake/spark/reader/spark-reader";
import { identifier, join as joined, sql } from "~/lake/spark/sql/sql";
import type { Commit } from "~/lake/writer";
import { EVERYTHING, matcher, type Filter } from "~/model/filter";
import { positionOf } from "~/model/position";
import type { Row } from "~/model/value";
import { eventRow, NINE, pipelineFeed } from "../support/pipeline-feed";
import { noSpark, sharedSession } from "../support/spark";
import { openReadLake, type ReadLake } from "../support/spark-reader";

vi.setConfig({ testTimeout: 600_000, hookTimeout: 600_000 });

const DAY = 86_400_000;
/** Letters whose lower case is not one letter, or depends on what stands beside it. */
const TEXTS = ["ΟΔΟΣ ΣΑΣ", "İSTANBUL", "Straẞe", "300 \u212a", "ǅ", "ΐ", "💥 Überlauf", "a\0B", "%_\\'\"${env:HOME}"];

describe.skipIf(noSpark)("the reader on Spark", () => {
  const session = sharedSession();
  let clock = NINE;
  let lake: ReadLake;
  let reader: SparkReader;
  const commits: Commit[] = [];
  const rows: Row[] = [...TEXTS, null].map((text, i) =>
    eventRow({ eventId: `e-${i}`, status: "FAILED", errorMessage: text, eventTimestamp: NINE - (i % 4) * DAY }),
  );

  beforeAll(async () => {
    lake = await openReadLake(session(), { clock: { now: () => clock }, retainMs: DAY });
    const { writer } = await lake.lake.tables(pipelineFeed);
    await writer.recover();
    for (const [n, batch] of [rows.slice(0, 5), rows.slice(5)].entries()) {
      clock += 60_000;
      const commit = await writer.commit([{ name: `batch-${n}`, path: "", rows: () => Promise.resolve(batch) }]);
      commits.push(commit!);
    }
    reader = await lake.readerOf(pipelineFeed);
  });
  afterAll(async () => {
    await lake.lake.close();
    await lake.remove();
  });

  it("finds texts as the filter in memory does, whatever the letters", async () => {
    const lower = TEXTS.map((text) => text.toLowerCase());
    const texts = [...TEXTS, ...lower, "σ", "ς", "i", "ß", "k", "straße", "\ud83d"];
    // All of them in one statement, a column each: a question each would take the better part of a second.
    const hits = texts.map((text) => valueCondition(pipelineFeed, { text, columns: [] })!);
    const { main } = feedSource(pipelineFeed, session(), lake.database);
    const found = await session().query(sql`SELECT ${identifier("eventId")}, ${joined(hits)} FROM ${main.sql}`);
    for (const [i, text] of texts.entries()) {
      const expected = text === "\ud83d" ? [] : rows.filter(matcher(pipelineFeed, { ...EVERYTHING, text }));
      const ids = found.rows.filter((row) => row[i + 1] === true).map(([id]) => id);
      expect(ids.sort(), text).toEqual(expected.map(([id]) => id).sort());
    }
    const filter: Filter = { ...EVERYTHING, text: "ς" };
    const answer = await reader.snapshot({ at: (await reader.head()).position, filter, limit: 100 });
    expect(answer).toMatchObject({ rows: rows.filter(matcher(pipelineFeed, filter)) });
  });

  it("takes thousands of values as it takes a few, among them none and any text", async () => {
    const { position } = await reader.head();
    const field = pipelineFeed.fields.findIndex(({ name }) => name === "errorMessage");
    const others = Array.from({ length: 3_000 }, (_, i) => `${i} \u0007"'\\`);
    for (const [n, negated] of [true, false, true, false].entries()) {
      const values = [...TEXTS.filter((_, i) => i % 2 === n % 2), "\ud83d", ...others, ...(n < 2 ? [null] : [])];
      const filter: Filter = { ...EVERYTHING, columns: [{ field, negated, values }] };
      const matches = rows.filter(matcher(pipelineFeed, filter));
      const answer = await reader.snapshot({ at: position, filter, limit: 100 });
      if (answer.kind === "gone") throw new Error("gone");
      expect(answer.rows.map(([id]) => id).sort()).toEqual(matches.map(([id]) => id).sort());
      expect(await reader.count({ at: position, filter, within: 100 })).toMatchObject({ count: matches.length });
    }
  });

  it("asks once a second for what is new, however many ask it", async () => {
    const asked: string[] = [];
    const counting: SparkQueries = {
      query: (statement, options) => {
        asked.push(statement.text);
        return session().query(statement, options);
      },
      pages: (statement, options) => session().pages(statement, options),
    };
    let now = 0;
    const slow = await Reader.open({
      feed: pipelineFeed,
      spark: counting,
      database: lake.database,
      clock: { now: () => now },
      drops: lake.dropsOf(pipelineFeed),
    });
    await slow.head();
    asked.length = 0;
    await Promise.all(Array.from({ length: 50 }, () => slow.head()));
    expect(asked).toEqual([]);
    now += 1_000;
    const heads = await Promise.all(Array.from({ length: 50 }, () => slow.head()));
    expect(asked).toHaveLength(1);
    expect(new Set(heads.map(({ instant }) => instant))).toEqual(new Set([commits[1]!.instant]));
  });

  it("runs equal questions about a position once, and never again", async () => {
    let queries = 0;
    const counting: SparkQueries = {
      query: (statement, options) => session().query(statement, options),
      pages: (statement, options) => {
        queries++;
        return session().pages(statement, options);
      },
    };
    const [{ database }, drops] = [lake, lake.dropsOf(pipelineFeed)];
    const clock = { now: () => 0 };
    const counted = await Reader.open({ feed: pipelineFeed, spark: counting, database, clock, drops });
    const query = { at: positionOf(counted.epoch, commits[0]!.instant), filter: EVERYTHING, limit: 10 };
    const answers = await Promise.all(Array.from({ length: 20 }, () => counted.snapshot(query)));
    expect(await counted.snapshot(query)).toEqual(answers[0]);
    expect(queries).toBe(1);
    expect(answers[0]).toMatchObject({ kind: "rows", rows: expect.objectContaining({ length: 5 }) as Row[] });
  });

  it("gives what the embedded engine's reader gives, epoch and time of completion too", async () => {
    const [, commit] = commits;
    expect(await reader.head()).toEqual({
      position: commit!.to,
      instant: commit!.instant,
      committedAt: commit!.committedAt,
    });
  });

  it("skips the partitions beside the times of a filter", async () => {
    const source = feedSource(pipelineFeed, session(), lake.database);
    const filter = { ...EVERYTHING, from: NINE - DAY / 2 };
    const relation = stateRelation(source, commits[1]!.instant, filter);
    // EXPLAIN knows nothing of Hudi's time travel, so the plan is that of the newest state.
    const newest = { ...relation, source: source.main.sql };
    const statement = selection(pipelineFeed, newest, selected(wireColumns(pipelineFeed)), { filter, limit: 10 });
    const { rows: plan } = await session().query(sql`EXPLAIN FORMATTED ${statement}`);
    expect(String(plan[0]![0])).toMatch(/PartitionFilters: \[.*event_date#\d+ >= 2026-11-20/);
    // Files of two other days are made unreadable: whoever looks into them fails.
    for (const day of ["2026-11-18", "2026-11-19"])
      await spoil(join(lake.folder, "lake/pipeline_events", `event_date=${day}`));
    const at = positionOf(reader.epoch, commits[1]!.instant);
    const answer = await reader.snapshot({ at, filter, limit: 99 });
    expect(answer).toMatchObject({ rows: expect.objectContaining({ length: 3 }) as Row[] });
    await expect(reader.snapshot({ at, filter: EVERYTHING, limit: 99 })).rejects.toThrow();
    // The newest rows of everything are in the last partitions.
    const newest3 = await reader.snapshot({ at, filter: EVERYTHING, limit: 3 });
    expect(newest3).toMatchObject({ rows: expect.objectContaining({ length: 3 }) as Row[] });
  });
});

async function spoil(partition: string): Promise<void> {
  const names = (await readdir(partition)).filter((name) => name.endsWith(".parquet"));
  expect(names.length).toBeGreaterThan(0);
  for (const name of names) await writeFile(join(partition, name), "spoilt");
}
