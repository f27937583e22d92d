/** Commits of 10 and of 10,000 staged messages into 100,000 events: the same work on Spark, with its phases, and on the embedded engine. */
import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { pino } from "pino";
import { systemClock } from "~/clock";
import { packageRoot } from "~/config";
import { loadFeeds } from "~/feeds/load-feeds";
import { openLake, type EngineChoice } from "~/lake/open";
import { TableTimeline } from "~/lake/spark/table-timeline";
import { parseSparkUrl } from "~/lake/spark/spark-url";
import { localStorage } from "~/lake/storage/local";
import type { StagedFile } from "~/lake/writer";
import type { Feed } from "~/model/feed";
import type { Row } from "~/model/value";
import { seededRandom } from "../support/random";
import { stageFile } from "../support/staged-file";
import { copyOfDataSet } from "./data-set";
import { rowsOf } from "./embedded-lake";
import { EventStream } from "./event-stream";
import { summarise, type Figure } from "./report";

const EVENTS = 100_000;
/** What an almost idle feed commits, and a busy one. */
const MESSAGES = [10, 10_000] as const;
/** The first commit of a session opens tables and warms code up. */
const WARM_UP = 2;
const COMMITS = 6;
const RETAIN_MS = 600_000;
const PHASES = ["INSERT into the log", "MERGE into the state", "what changed, read back"] as const;
const silent = pino({ level: "silent" });

interface Timed {
  total: number[];
  /** Per phase, in their order. */
  phases: number[][];
}

export async function enginesCommit(sparkUrl: string): Promise<Figure[]> {
  const figures: Figure[] = [];
  for (const messages of MESSAGES) {
    const spark = await commits("spark", sparkUrl, messages);
    const embedded = await commits("embedded", sparkUrl, messages);
    const [slow, fast] = [summarise(spark.total), summarise(embedded.total)];
    const phase = (i: number) => summarise(spark.phases.map((phases) => phases[i]!));
    const name = `commit of ${messages} into ${EVENTS}`;
    figures.push(
      { what: `${name}, Spark`, unit: "ms", value: slow },
      ...PHASES.map((what, i) => ({ what: `${messages}: ${what}`, unit: "ms", value: phase(i) })),
      { what: `${name}, embedded`, unit: "ms", value: fast },
      { what: `${messages}: ratio of these`, unit: "", value: slow.median / fast.median, goal: 5, atLeast: true },
    );
  }
  return figures;
}

async function commits(kind: EngineChoice["kind"], sparkUrl: string, messages: number): Promise<Timed> {
  const { dataDir, endsAt } = await copyOfDataSet(EVENTS);
  const feed = (await loadFeeds(join(packageRoot(), "avro"))).find(({ name }) => name === "pipeline_events")!;
  const database = `bench_${randomUUID().replaceAll("-", "")}`;
  const address = { ...parseSparkUrl(sparkUrl), database };
  const engine = kind === "embedded" ? { kind } : { kind, address, url: `file:${dataDir}/lake`, log: silent };
  const storage = localStorage(dataDir);
  const lake = await openLake({ engine, storage, folder: "lake", clock: systemClock, retainMs: RETAIN_MS });
  const { writer } = await lake.tables(feed);
  await writer.recover();
  const stage = stagingIn(dataDir, feed);
  const stream = new EventStream(seededRandom(messages));
  const took: Timed = { total: [], phases: [] };
  try {
    for (let i = 0; i < WARM_UP + COMMITS; i++) {
      // Later than everything in the data set, on its day.
      const at = endsAt + (i + 1) * 1_000;
      const staged = await stage(rowsOf(feed, stream.take(messages, at - 1_000, at)));
      const startedAt = Date.now();
      const commit = await writer.commit([staged]);
      const endedAt = Date.now();
      if (commit === null) throw new Error("The log had every one of the messages already.");
      if (i < WARM_UP) continue;
      took.total.push(endedAt - startedAt);
      const logged = kind === "spark" ? await completion(dataDir, feed) : startedAt;
      took.phases.push([logged - startedAt, commit.committedAt - logged, endedAt - commit.committedAt]);
    }
  } finally {
    await lake.close();
  }
  return took;
}

/** @returns epoch ms at which the newest commit of the log was complete */
async function completion(dataDir: string, feed: Feed): Promise<number> {
  const log = await TableTimeline.open(localStorage(dataDir), `lake/${feed.name}_log`);
  return (await log.newest(1))[0]!.completedAt;
}

function stagingIn(dataDir: string, feed: Feed): (rows: readonly Row[]) => Promise<StagedFile> {
  const place = { storage: localStorage(dataDir), folder: "lake" };
  let files = 0;
  return (rows) => stageFile(place, feed, ++files, rows);
}
