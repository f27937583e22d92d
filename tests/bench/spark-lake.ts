/** The writer on Spark on a folder of this machine, without server: what is committed is staged as Avro files first, as in the real one. */
import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { pino } from "pino";
import { systemClock } from "~/clock";
import { packageRoot } from "~/config";
import { loadFeeds } from "~/feeds/load-feeds";
import { HudiTable } from "~/lake/hudi/table";
import { openLake, type FeedTables } from "~/lake/open";
import { parseSparkUrl } from "~/lake/spark/spark-url";
import { localStorage } from "~/lake/storage/local";
import type { Storage } from "~/lake/storage/storage";
import type { Commit, StagedFile } from "~/lake/writer";
import type { Feed } from "~/model/feed";
import type { PipelineEvent } from "../support/pipeline-event";
import { stageFile } from "../support/staged-file";
import { rowsOf } from "./embedded-lake";
import { tempFolder } from "./temp";

/** What one staged file takes in the real server. */
const FILE_ROWS = 10_000;
const RETAIN_MS = 600_000;

export interface SparkBenchLake {
  feed: Feed;
  /** Folder names of its tables, log first. */
  tables: readonly string[];
  storage: Storage;
  stage(events: readonly PipelineEvent[]): Promise<StagedFile[]>;
  /** Commits what was staged. */
  commit(files: readonly StagedFile[]): Promise<Commit>;
  maintain(): Promise<void>;
  close(): Promise<void>;
}

export const pipelineEvents = async (): Promise<Feed> =>
  (await loadFeeds(join(packageRoot(), "avro"))).find(({ name }) => name === "pipeline_events")!;

/** @param url of a Spark server that sees this machine's files */
export async function openSparkBenchLake(url: string, feed: Feed): Promise<SparkBenchLake> {
  const folder = await tempFolder();
  const storage = localStorage(folder);
  const address = { ...parseSparkUrl(url), database: `bench_${randomUUID().replaceAll("-", "")}` };
  const engine = { kind: "spark" as const, address, url: `file:${folder}/lake`, log: pino({ level: "silent" }) };
  const lake = await openLake({ engine, storage, folder: "lake", clock: systemClock, retainMs: RETAIN_MS });
  const { writer }: FeedTables = await lake.tables(feed);
  await writer.recover();
  let staged = 0;
  const stageOne = (events: readonly PipelineEvent[]): Promise<StagedFile> =>
    stageFile({ storage, folder: "lake" }, feed, ++staged, rowsOf(feed, events));
  return {
    feed,
    tables: [`${feed.name}_log`, feed.name].map((name) => `lake/${name}`),
    storage,
    async stage(events) {
      const files: StagedFile[] = [];
      for (let i = 0; i < events.length; i += FILE_ROWS) files.push(await stageOne(events.slice(i, i + FILE_ROWS)));
      return files;
    },
    async commit(files) {
      const commit = await writer.commit(files);
      if (commit === null) throw new Error("The log had every one of the messages already.");
      await Promise.all(files.map(({ path }) => storage.remove(path)));
      return commit;
    },
    maintain: async () => void (await writer.maintain()),
    close: () => lake.close(),
  };
}

export interface DiskUse {
  /** All of the table's folder. */
  bytes: number;
  files: number;
  /** Parquet files that a reader of the newest instant opens. */
  liveBytes: number;
  liveFiles: number;
  /** Actions on the active timeline. */
  instants: number;
  /** What the archiver put aside. */
  archivedBytes: number;
}

/** What a table takes on the disk. */
export async function diskUse(storage: Storage, folder: string): Promise<DiskUse> {
  const table = (await HudiTable.open(storage, folder))!;
  const live = table.slices();
  const all = await sizeOf(storage, folder);
  return {
    ...all,
    liveBytes: live.reduce((sum, { bytes }) => sum + bytes, 0),
    liveFiles: live.length,
    instants: table.instants.length,
    archivedBytes: (await sizeOf(storage, `${folder}/.hoodie/archived`)).bytes,
  };
}

async function sizeOf(storage: Storage, folder: string): Promise<{ bytes: number; files: number }> {
  const sum = { bytes: 0, files: 0 };
  for (const entry of await storage.list(folder)) {
    const inner = entry.isFolder ? await sizeOf(storage, `${folder}/${entry.name}`) : { bytes: entry.bytes, files: 1 };
    sum.bytes += inner.bytes;
    sum.files += inner.files;
  }
  return sum;
}
