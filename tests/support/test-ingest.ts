/** The ingest stage over real tables in a folder, as the app joins them, with any storage, clock and bounds. */
import { mkdir } from "node:fs/promises";
import { Registry } from "prom-client";
import { onTestFinished } from "vitest";
import { Ingest, type IngestOptions } from "~/ingest/ingest";
import { openLake, type FeedTables } from "~/lake/open";
import { localStorage } from "~/lake/storage/local";
import type { Storage } from "~/lake/storage/storage";
import type { Commit } from "~/lake/writer";
import type { Feed } from "~/model/feed";
import { EVERYTHING } from "~/model/filter";
import { rowToObject } from "~/model/feed";
import type { Row } from "~/model/value";
import { pipelineFeed } from "./pipeline-feed";
import { silentLog } from "./test-log";
import { until } from "./until";

export interface TestIngestOptions {
  folder: string;
  feed?: Feed;
  /** For staging and dead letters. */
  storage?: Storage;
  /** For the tables. */
  lakeStorage?: Storage;
  now?: () => number;
  limits?: Partial<IngestOptions["limits"]>;
  pace?: NonNullable<IngestOptions["pace"]>;
  metrics?: Registry;
  schemaRevisions?: NonNullable<IngestOptions["schemaRevisions"]>;
}

export async function openTestIngest(options: TestIngestOptions) {
  const { folder, feed = pipelineFeed, now = () => Date.now() } = options;
  await mkdir(folder, { recursive: true });
  const clock = { now };
  const local = localStorage(folder);
  const lake = await openLake({
    storage: options.lakeStorage ?? local,
    folder: "lake",
    clock,
    retainMs: 600_000,
  });
  const tables: FeedTables = await lake.tables(feed);
  const commits: Commit[] = [];
  const ingest = await Ingest.open({
    feeds: [feed],
    deadLetters: { storage: options.storage ?? local, folder: "dead-letters" },
    staging: { storage: options.storage ?? local, folder: "staging" },
    limits: { maxBodyBytes: 4 * 1024 * 1024, maxStagingBytes: 64 * 1024 * 1024, ...options.limits },
    clock,
    log: silentLog,
    metrics: options.metrics ?? new Registry(),
    writerOf: () => tables.writer,
    onCommit: (_feed, commit) => commits.push(commit),
    ...(options.pace && { pace: options.pace }),
    ...(options.schemaRevisions && { schemaRevisions: options.schemaRevisions }),
  });
  let isOpen = true;
  const close = async () => {
    if (!isOpen) return;
    isOpen = false;
    await ingest.close();
    await lake.close();
  };
  onTestFinished(close);
  ingest.start();
  return {
    ingest,
    commits,
    reader: tables.reader,
    close,
    post: (body: unknown, contentType = "application/json") =>
      ingest.accept(feed.name, { ...bodyOf(body, contentType), source: "http" }),
    push: (message: object) => ingest.pubsubPush(feed.name, bodyOf({ message }, "application/json")),
    /** All rows of the state, once everything that was staged is in it. */
    async rows(): Promise<Record<string, unknown>[]> {
      await until("nothing to be staged", () => ingest.status(feed.name).staged.events === 0, 60_000);
      const { position } = await tables.reader.head();
      const answer = await tables.reader.snapshot({ at: position, filter: EVERYTHING, limit: 1_000_000 });
      if (answer.kind !== "rows") throw new Error("The head cannot be read.");
      return answer.rows.map((row: Row) => rowToObject(feed, row));
    },
  };
}

/** Text and buffers as they are, anything else as JSON. */
export function bodyOf(body: unknown, contentType: string) {
  const bytes = Buffer.isBuffer(body) ? body : Buffer.from(typeof body === "string" ? body : JSON.stringify(body));
  return { contentType, contentEncoding: null, body: oneChunk(bytes) };
}

async function* oneChunk(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield await Promise.resolve(bytes);
}
