/** The writer of the embedded engine on a data directory, without server: under a clock that the bench steps. */
import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { packageRoot } from "~/config";
import { loadFeeds } from "~/feeds/load-feeds";
import { openEngine } from "~/lake/duckdb/connection";
import { openFeedTables } from "~/lake/duckdb/feed-tables";
import { localStorage } from "~/lake/storage/local";
import type { Commit, StagedFile } from "~/lake/writer";
import type { Feed } from "~/model/feed";
import type { Row } from "~/model/value";
import type { PipelineEvent } from "../support/pipeline-event";

const RETAIN_MS = 600_000;

export interface EmbeddedLake {
  feed: Feed;
  clock: { now(): number; set(ms: number): void };
  commit(events: readonly PipelineEvent[]): Promise<Commit>;
  maintain(): Promise<void>;
  close(): Promise<void>;
}

/** @param startsAt epoch ms of the clock */
export async function openEmbeddedLake(dataDir: string, startsAt: number): Promise<EmbeddedLake> {
  let now = startsAt;
  const clock = { now: () => now, set: (ms: number) => void (now = ms) };
  const feed = (await loadFeeds(join(packageRoot(), "avro"))).find(({ name }) => name === "pipeline_events")!;
  const spillFolder = join(dataDir, "lake", ".spill");
  await mkdir(spillFolder, { recursive: true });
  const engine = await openEngine({ spillFolder });
  const { writer } = await openFeedTables({
    storage: localStorage(dataDir),
    root: "lake",
    feed,
    engine,
    clock,
    retainMs: RETAIN_MS,
  });
  await writer.recover();
  let files = 0;
  return {
    feed,
    clock,
    async commit(events) {
      const commit = await writer.commit([stagedFile(`bench-${startsAt}-${files++}.avro`, rowsOf(feed, events))]);
      if (commit === null) throw new Error("The log had every one of the messages already.");
      return commit;
    },
    maintain: async () => void (await writer.maintain()),
    async close() {
      await writer.close();
      await engine.close();
    },
  };
}

const stagedFile = (name: string, rows: readonly Row[]): StagedFile => ({
  name,
  path: `staging/pipeline_events/${name}`,
  rows: () => Promise.resolve(rows),
});

/** Objects of publishers as rows of wire values. */
export function rowsOf(feed: Feed, events: readonly PipelineEvent[]): Row[] {
  const names = feed.fields.map(({ name }) => name as keyof PipelineEvent);
  return events.map((event) => names.map((name) => event[name] ?? null) as Row);
}

/** The schema of the feed, as text: part of what names a data set. */
export async function contractText(): Promise<string> {
  return readFile(join(packageRoot(), "avro", "PipelineEvent.avsc"), "utf8");
}
