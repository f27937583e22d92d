import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createHash } from "node:crypto";
import { afterEach, expect, test } from "vitest";
import type { Feed } from "../../model/feed";
import { feedFromSchema } from "../../model/feed-from-schema";
import type { Row, WireValue } from "../../model/value";
import { localStorage } from "../storage/local";
import type { StagedFile } from "../writer";
import { openEngine } from "./connection";
import { openFeedTables } from "./feed-tables";

const cleanups: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function pipelineEvents(): Promise<Feed> {
  const text = await readFile("avro/PipelineEvent.avsc", "utf8");
  return feedFromSchema(JSON.parse(text), (t) => createHash("sha256").update(t).digest("hex").slice(0, 8));
}

const T0 = Date.parse("2026-11-21T09:00:00Z");
const event = (feed: Feed, values: Record<string, WireValue>): Row =>
  feed.fields.map(({ name }) => values[name] ?? null);
let names = 0;
const staged = (rows: readonly Row[]): StagedFile => ({
  name: `f${names++}`,
  path: "",
  rows: () => Promise.resolve(rows),
});

test("smoke", async () => {
  const folder = await mkdtemp(join(tmpdir(), "weir-"));
  cleanups.push(() => rm(folder, { recursive: true }));
  const storage = localStorage(folder);
  const engine = await openEngine();
  cleanups.push(() => engine.close());
  const feed = await pipelineEvents();
  let now = T0;
  const clock = { now: () => now++ };
  const { writer, main, log } = await openFeedTables({ storage, root: "lake", feed, engine, clock, retainMs: 600_000 });
  await writer.recover();
  const make = (id: string, status: string, at: number) =>
    event(feed, {
      eventId: id,
      correlationId: "c",
      pipelineName: "p",
      stageName: "s",
      status,
      eventTimestamp: T0,
      lastUpdatedAt: at,
      labels: { b: "1", a: "😀" },
    });
  const one = await writer.commit([staged([make("a", "STARTED", T0), make("b", "STARTED", T0)])]);
  console.log(one);
  const two = await writer.commit([
    staged([make("a", "RUNNING", T0 + 1), make("b", "STARTED", T0), make("c", "STARTED", T0)]),
  ]);
  console.log(two);
  expect(await writer.commit([staged([make("b", "STARTED", T0)])])).toBeNull();
  console.log(main.slices(), log?.slices(), main.instants);
  const r = await engine.read((c) =>
    c.runAndReadAll(`select * from read_parquet('${storage.locate(main.slices()[0]!.path)}')`),
  );
  console.log(r.getRowObjectsJson());
});
