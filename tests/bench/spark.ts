/**
 * Reading on Spark: the tables of a day with 100,000 events, written by the embedded engine, attached and read. The first load
 * is what a page waits for after a start; the rest is what analysts ask.
 */
import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { pino } from "pino";
import { systemClock } from "~/clock";
import { packageRoot } from "~/config";
import { loadFeeds } from "~/feeds/load-feeds";
import { TableDrops } from "~/lake/hudi/table-drops";
import { localStorage } from "~/lake/storage/local";
import { SparkReader } from "~/lake/spark/reader/spark-reader";
import { SparkServer } from "~/lake/spark/spark-server";
import { parseSparkUrl } from "~/lake/spark/spark-url";
import { attachTables } from "~/lake/spark/tables";
import { AppError } from "~/model/app-error";
import { EVERYTHING } from "~/model/filter";
import { timeOf, type Instant } from "~/model/instant";
import { positionOf } from "~/model/position";
import { copyOfDataSet } from "./data-set";
import { printReport, summarise, type Figure } from "./report";

const HOT_ROWS = 100_000;
const HOUR_MS = 3_600_000;
const FIRST_PAGE_GOAL_MS = 10_000;
const ROUNDS = 8;
const AT_ONCE = 200;
/** Distinct questions among those that are asked at once. */
const DISTINCT = 20;

interface Timed {
  ms: number;
  cpuMs: number;
}

async function timed(work: () => Promise<unknown>): Promise<Timed> {
  const cpu = process.cpuUsage();
  const startedAt = performance.now();
  await work();
  const ms = performance.now() - startedAt;
  const { user, system } = process.cpuUsage(cpu);
  return { ms, cpuMs: (user + system) / 1_000 };
}

async function several(times: number, work: (round: number) => Promise<unknown>): Promise<number[]> {
  const took: number[] = [];
  for (let round = 0; round < times; round++) took.push((await timed(() => work(round))).ms);
  return took;
}

/** @param args address of a Spark server, number of events, and whether the server was warmed up */
export async function main([url, events, warmth]: string[]): Promise<number> {
  const data = await copyOfDataSet(Number(events));
  const feed = (await loadFeeds(join(packageRoot(), "avro"))).find(({ name }) => name === "pipeline_events")!;
  const spark = new SparkServer(parseSparkUrl(url!), { clock: systemClock, log: pino({ level: "silent" }) });
  try {
    const figures = await measure(spark, feed, data.dataDir);
    printReport("spark", figures, { events: data.events, versions: data.versions, spark: warmth });
  } finally {
    await spark.close();
  }
  return 0;
}

async function measure(
  spark: SparkServer,
  feed: Awaited<ReturnType<typeof loadFeeds>>[number],
  dataDir: string,
): Promise<Figure[]> {
  const database = `bench_${randomUUID().replaceAll("-", "")}`;
  const tables = [feed.name, `${feed.name}_log`].map((name) => ({ name, location: `file:${dataDir}/lake/${name}` }));
  let reader!: SparkReader;
  const attach = await timed(async () => {
    await spark.read((session) => attachTables(session, database, tables));
    const drops = new TableDrops(localStorage(dataDir), `lake/${feed.name}`, ".hoodie");
    reader = await SparkReader.open({ feed, spark, database, clock: systemClock, drops });
  });
  const load = async () => {
    const { position } = await reader.head();
    const answer = await reader.snapshot({ at: position, filter: EVERYTHING, limit: HOT_ROWS });
    if (answer.kind === "gone") throw new Error("The head is gone.");
    return answer.rows.length;
  };
  const first = await timed(load);
  const again: Timed[] = [];
  for (let i = 0; i < 3; i++) again.push(await timed(load));
  const instants = await reader.instants({ after: null, until: (await reader.head()).instant!, limit: 1_000_000 });
  const recent = instants.slice(-ROUNDS - 2);
  const old = instants.slice(20, 20 + ROUNDS);
  const page = (instant: Instant, limit = 1_000) =>
    reader.snapshot({
      at: positionOf(reader.epoch, instant),
      filter: { ...EVERYTHING, from: timeOf(instant) - 24 * HOUR_MS },
      limit,
    });
  const changes = await several(ROUNDS, (i) =>
    reader.changes(positionOf(reader.epoch, recent[i]!), positionOf(reader.epoch, recent[i + 1]!)),
  );
  const oldChanges = await several(ROUNDS - 1, (i) =>
    reader.changes(positionOf(reader.epoch, old[i]!), positionOf(reader.epoch, old[i + 1]!)),
  );
  const cold = await several(ROUNDS, (i) => page(recent[i]!));
  const known = await several(ROUNDS, (i) => page(recent[i]!));
  const fromLog = await several(ROUNDS, (i) => page(old[i]!));
  const statistics = await timed(() => reader.statistics());
  const asked = instants.slice(100, 100 + DISTINCT);
  let refused = 0;
  const atOnce = await Promise.all(
    Array.from({ length: AT_ONCE }, async (_, i) => {
      const { ms } = await timed(async () => {
        try {
          await page(asked[i % DISTINCT]!, 500);
        } catch (error) {
          if (!(error instanceof AppError) || error.code !== "engine-unavailable") throw error;
          refused++;
        }
      });
      return ms;
    }),
  );
  return [
    { what: "tables attached, reader opened", unit: "ms", value: attach.ms },
    { what: `first load of ${HOT_ROWS} rows`, unit: "ms", value: first.ms },
    { what: "attached and loaded", unit: "ms", value: attach.ms + first.ms, goal: FIRST_PAGE_GOAL_MS },
    { what: "the same load again", unit: "ms", value: summarise(again.map(({ ms }) => ms)) },
    { what: "CPU time of it in this process", unit: "ms", value: summarise(again.map(({ cpuMs }) => cpuMs)) },
    { what: "changes of one commit, from the timeline", unit: "ms", value: summarise(changes) },
    { what: "changes of one commit, from the log", unit: "ms", value: summarise(oldChanges) },
    { what: "1,000 rows ?at= a kept state", unit: "ms", value: summarise(cold) },
    { what: "the same again", unit: "ms", value: summarise(known) },
    { what: "1,000 rows ?at= from the log", unit: "ms", value: summarise(fromLog) },
    { what: "statistics", unit: "ms", value: statistics.ms },
    { what: `${AT_ONCE} at once, ${DISTINCT} questions`, unit: "ms", value: summarise(atOnce), judged: "p99" },
    { what: "… of which were told to come back later", unit: "", value: refused },
  ];
}
