/** The statements that pages offer, run by the engine that they are for: the rows are those that the reader gives. */
import { DuckDBInstance } from "@duckdb/node-api";
import { expect, test } from "vitest";
import type { FeedReader } from "~/lake/reader";
import { openLake } from "~/lake/open";
import { EVERYTHING } from "~/model/filter";
import type { Feed } from "~/model/feed";
import { tableSql } from "~/model/table-sql";
import { atEnd, pipelineEvents, rowOf, stagedFile, steppedClock, T0, temporaryStorage } from "../support/lake";

const RETAIN_MS = 60_000;

async function committedLake() {
  const feed = await pipelineEvents();
  const clock = steppedClock();
  const lake = await openLake({ storage: await temporaryStorage(), folder: "lake", clock, retainMs: RETAIN_MS });
  atEnd(() => lake.close());
  const tables = await lake.tables(feed);
  await tables.writer.recover();
  const instants: string[] = [];
  for (let i = 0; i < 20; i++) {
    const rows = [0, 1, 2].map((k) =>
      rowOf(feed, {
        eventId: `e-${(i * 7 + k * 5) % 40}`,
        correlationId: 'it\'s a "batch"',
        pipelineName: `p-${k}`,
        stageName: "load",
        status: k === 0 ? "FAILED" : "STARTED",
        eventTimestamp: T0 - k * 86_400_000,
        lastUpdatedAt: T0 + i,
      }),
    );
    instants.push((await tables.writer.commit([stagedFile(`f-${i}`, rows)]))!.instant);
    clock.advance(10_000);
    await tables.writer.maintain();
  }
  return { feed, tables, instants };
}

/** Event ids with what can change of them, as DuckDB tells it of a statement and the reader of a position. */
async function idsBySql(sql: string): Promise<string[]> {
  const instance = await DuckDBInstance.create(":memory:");
  const connection = await instance.connect();
  const found = await connection.runAndReadAll(sql);
  const rows = found.getRowObjectsJson();
  connection.closeSync();
  instance.closeSync();
  return rows.map((row) => `${String(row["eventId"])} ${String(row["status"])} ${String(row["pipelineName"])}`).sort();
}

async function idsByReader(feed: Feed, reader: FeedReader, instant: string): Promise<string[]> {
  const at = await reader.resolve({ instant });
  if (at.kind !== "head") throw new Error(`${instant} is gone`);
  const found = await reader.snapshot({ at: at.position, filter: EVERYTHING, limit: 10_000 });
  if (found.kind !== "rows") throw new Error(`${instant} is gone`);
  const column = (name: string) => feed.fields.findIndex((field) => field.name === name);
  return found.rows.map((row) => [row[feed.key], row[column("status")], row[column("pipelineName")]].join(" ")).sort();
}

test("DuckDB reads the rows of an instant from the files of the state, and from the log once those are gone", async () => {
  const { feed, tables, instants } = await committedLake();
  const { reader, inspector } = tables;
  const [state, log] = inspector.tables;
  const places: string[] = [];
  for (const instant of [instants.at(-1)!, instants.at(-3)!, instants[8]!, instants[0]!]) {
    const ofState = await state!.files(instant);
    const files = ofState ?? (await log!.files(instant));
    places.push(files!.table);
    const duckdb = tableSql({
      feed,
      tables: inspector.tables.map(({ role, name, location }) => ({ role, name, location })),
      instant,
      isHead: instant === instants.at(-1),
      onlyChanged: false,
      stateInstant: ofState === null ? null : instant,
      files,
    }).find(({ engine }) => engine === "duckdb")!;
    expect(await idsBySql(duckdb.sql)).toEqual(await idsByReader(feed, reader, instant));
  }
  expect(places).toEqual(["state", "state", "log", "log"]);
});
