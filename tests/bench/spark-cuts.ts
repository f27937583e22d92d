/**
 * What a lost connection costs on Spark: commits whose connection is cut at a random moment, as a killed writer's is, each followed
 * by another writer that puts the tables in order and commits what is still staged. Several lakes at once, so that statements take
 * longer to plan. Both tables are compared with what was staged.
 */
import { randomUUID } from "node:crypto";
import { connect, createServer, type AddressInfo, type Socket } from "node:net";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { pino } from "pino";
import { systemClock } from "~/clock";
import { openLake, type Lake } from "~/lake/open";
import { parseSparkUrl } from "~/lake/spark/spark-url";
import { isUnavailable } from "~/lake/spark/thrift/faults";
import { localStorage } from "~/lake/storage/local";
import type { FeedWriter } from "~/lake/writer";
import type { Feed } from "~/model/feed";
import type { Row } from "~/model/value";
import { readPlainTable } from "../support/plain-hudi";
import { seededRandom } from "../support/random";
import { stageFile } from "../support/staged-file";
import { rowsOf } from "./embedded-lake";
import { EventStream } from "./event-stream";
import { printReport, say, summarise } from "./report";
import { pipelineEvents } from "./spark-lake";
import { tempFolder } from "./temp";

const LAKES = 3;
const EVENTS = 5;
/** A commit is cut somewhere within this; some are over by then. */
const WITHIN_MS = 3_500;
const ASK_AGAIN_MS = 400;

/** A way to the server that can be cut. */
class Way {
  readonly #sockets = new Set<Socket>();

  private constructor(
    readonly port: number,
    private readonly server: ReturnType<typeof createServer>,
  ) {}

  static async to(port: number): Promise<Way> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const way = new Way((server.address() as AddressInfo).port, server);
    server.on("connection", (near) => {
      const far = connect(port, "127.0.0.1");
      for (const [one, other] of [
        [near, far],
        [far, near],
      ] as const) {
        way.#sockets.add(one);
        one.pipe(other);
        one.on("error", () => other.destroy());
        one.on("close", () => void (way.#sockets.delete(one) && other.destroy()));
      }
    });
    return way;
  }

  cut(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  close(): void {
    this.cut();
    this.server.close();
  }
}

interface Outcome {
  cuts: number;
  missing: number;
  twice: number;
  /** Until the tables were in order again, ms. */
  recovered: number[];
}

/** @param args address of a Spark server, number of cuts, and whether it was warmed up */
export async function main([url, cuts, warmth]: string[]): Promise<number> {
  const feed = await pipelineEvents();
  const each = Math.ceil(Number(cuts) / LAKES);
  const outcomes = await Promise.all(
    Array.from({ length: LAKES }, (_, seed) => cutAgainAndAgain(url!, feed, each, seed)),
  );
  const sum = (of: (outcome: Outcome) => number) => outcomes.reduce((total, outcome) => total + of(outcome), 0);
  const [missing, twice] = [sum((outcome) => outcome.missing), sum((outcome) => outcome.twice)];
  printReport(
    "spark-cuts",
    [
      { what: "cuts", unit: "", value: sum((outcome) => outcome.cuts) },
      { what: "events that a table lacks", unit: "", value: missing, goal: 0 },
      { what: "events that a table has twice", unit: "", value: twice, goal: 0 },
      { what: "tables in order again", unit: "ms", value: summarise(outcomes.flatMap(({ recovered }) => recovered)) },
    ],
    { cuts: Number(cuts), lakes: LAKES, events: EVENTS, spark: warmth },
  );
  return missing + twice === 0 ? 0 : 1;
}

async function cutAgainAndAgain(url: string, feed: Feed, cuts: number, seed: number): Promise<Outcome> {
  const random = seededRandom(seed);
  const stream = new EventStream(seededRandom(seed));
  const folder = await tempFolder();
  const storage = localStorage(folder);
  const address = { ...parseSparkUrl(url), database: `cuts_${randomUUID().replaceAll("-", "")}` };
  const way = await Way.to(address.port);
  const open = async (): Promise<{ lake: Lake; writer: FeedWriter }> => {
    const engine = {
      kind: "spark" as const,
      address: { ...address, port: way.port },
      url: `file:${folder}/lake`,
      log: pino({ level: "silent" }),
    };
    const lake = await openLake({ engine, storage, folder: "lake", clock: systemClock, retainMs: 600_000 });
    const { writer } = await lake.tables(feed);
    await untilItAnswers(() => writer.recover());
    return { lake, writer };
  };
  const staged: Row[] = [];
  const outcome: Outcome = { cuts: 0, missing: 0, twice: 0, recovered: [] };
  let { lake, writer } = await open();
  for (let n = 0; n < cuts; n++) {
    const rows = rowsOf(feed, stream.take(EVENTS, Date.now() - 1_000, Date.now()));
    const file = await stageFile({ storage, folder: "lake" }, feed, n, rows);
    const files = [file];
    staged.push(...rows);
    const commit = writer.commit(files).then(
      () => true,
      () => false, // of one that is cut nobody is told
    );
    const isDone = await Promise.race([commit, pause(n === 0 ? 60_000 : random.int(0, WITHIN_MS)).then(() => null)]);
    if (isDone === false) await untilItAnswers(() => writer.commit(files));
    if (isDone === null) {
      way.cut();
      const cutAt = performance.now();
      const dead = lake;
      ({ lake, writer } = await open());
      void dead.close();
      const { committed } = await untilItAnswers(() => writer.recover());
      outcome.recovered.push(performance.now() - cutAt);
      if (!committed.has(file.name)) await untilItAnswers(() => writer.commit(files));
      outcome.cuts++;
    }
    await storage.remove(file.path);
    if ((n + 1) % 5 === 0) say(`lake ${seed}: ${n + 1} commits`);
  }
  await lake.close();
  way.close();
  await judge(join(folder, "lake", `${feed.name}_log`), feed, staged.map(versionOf(feed)), outcome);
  await judge(join(folder, "lake", feed.name), feed, newestOf(feed, staged), outcome);
  return outcome;
}

/** A key with the ordering value of a version of it. */
const versionOf =
  ({ key, ordering }: Feed) =>
  (row: Row): string =>
    `${String(row[key])} ${String(row[ordering])}`;

function newestOf(feed: Feed, rows: readonly Row[]): string[] {
  const newest = new Map<string, Row>();
  for (const row of rows) {
    const known = newest.get(String(row[feed.key]));
    if (known === undefined || Number(known[feed.ordering]) <= Number(row[feed.ordering])) newest.set(String(row[feed.key]), row); // prettier-ignore
  }
  return [...newest.values()].map(versionOf(feed));
}

async function judge(folder: string, feed: Feed, expected: readonly string[], outcome: Outcome): Promise<void> {
  const [key, ordering] = [feed.key, feed.ordering].map((field) => feed.fields[field]!.name) as [string, string];
  const { rows } = await readPlainTable(folder);
  const held = new Set(rows.map(({ values }) => `${String(values[key])} ${String(values[ordering])}`));
  outcome.missing += [...new Set(expected)].filter((version) => !held.has(version)).length;
  outcome.twice += rows.length - new Set(rows.map(({ values }) => JSON.stringify(values))).size;
}

/** While a dead statement's signs of life have not expired, and while the breaker is open, the answer is to ask again. */
async function untilItAnswers<T>(ask: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      if (!isUnavailable(error)) throw error;
      await pause(ASK_AGAIN_MS);
    }
  }
}
