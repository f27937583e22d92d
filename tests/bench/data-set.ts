/**
 * Data directories with many events, made once through the real writer under a stepped clock and kept outside the checkout.
 * Each bench works on a copy. Commits and events lie in eleven hours of one UTC day that end at `endsAt`, so that everything
 * that is measured against it ("six hours ago", "the same day") is relative to that moment and not to the wall clock.
 */
import { constants, existsSync } from "node:fs";
import { cp, mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { createHash } from "node:crypto";
import { join } from "node:path";
import { seededRandom } from "../support/random";
import { cacheFolder } from "./cache-folder";
import { contractText, openEmbeddedLake } from "./embedded-lake";
import { EventStream } from "./event-stream";
import { say } from "./report";
import { tempFolder } from "./temp";
import { removeFolder } from "../support/remove-folder";

export interface DataSet {
  dataDir: string;
  /** Epoch ms of the newest commit. */
  endsAt: number;
  /** Distinct events: rows of the state. */
  events: number;
  /** Rows of the log. */
  versions: number;
}

/** Raised when this file makes something else of the same numbers. */
const GENERATOR = 3;
const HOUR_MS = 3_600_000;
const SPAN_MS = 11 * HOUR_MS;
/** The log forgets after 30 days, and what is old is not what is measured. */
const KEPT_MS = 24 * HOUR_MS;
const MAINTAIN_EVERY = 10;
/** Commits of one data set: enough that groups, timeline and archive look like after hours of work. */
const COMMITS = 500;

/** A copy, for this bench alone, of the data set with at least so many events. */
export async function copyOfDataSet(events: number): Promise<DataSet> {
  const made = await dataSet(events);
  const dataDir = join(await tempFolder(), "data");
  await cp(made.dataDir, dataDir, { recursive: true, mode: constants.COPYFILE_FICLONE });
  return { ...made, dataDir };
}

async function dataSet(events: number): Promise<DataSet> {
  const version = createHash("sha256")
    .update(`${GENERATOR} ${await contractText()}`)
    .digest("hex")
    .slice(0, 12);
  const folder = join(cacheFolder(), "weir-bench", `${events}-events-${version}`);
  const known = await read(folder);
  if (known !== null && Date.now() - known.endsAt < KEPT_MS) return known;
  await removeFolder(folder);
  const draft = `${folder}.${process.pid}`;
  await mkdir(join(draft, "data"), { recursive: true });
  try {
    const made = await generate(join(draft, "data"), events);
    await writeFile(join(draft, "about.json"), JSON.stringify(made));
    await rename(draft, folder);
  } finally {
    await removeFolder(draft);
  }
  return (await read(folder))!;
}

async function read(folder: string): Promise<DataSet | null> {
  const about = join(folder, "about.json");
  if (!existsSync(about)) return null;
  return { ...(JSON.parse(await readFile(about, "utf8")) as Omit<DataSet, "dataDir">), dataDir: join(folder, "data") };
}

async function generate(dataDir: string, events: number): Promise<Omit<DataSet, "dataDir">> {
  say(`Making a data set of ${events} events (once; it is kept in ${cacheFolder()}) …`);
  const startedAt = Date.now();
  const endsAt = endOfData(startedAt);
  const stream = new EventStream(seededRandom(events));
  const lake = await openEmbeddedLake(dataDir, endsAt - SPAN_MS);
  const stepMs = SPAN_MS / COMMITS;
  let versions = 0;
  for (let i = 0; i < COMMITS; i++) {
    const to = Math.round(endsAt - SPAN_MS + (i + 1) * stepMs);
    const share = Math.ceil((events - stream.events) / (COMMITS - i) / 0.9);
    // What is committed together arrived within seconds, as under load; the pauses between commits are the day's.
    lake.clock.set(to);
    versions += (await lake.commit(stream.take(share, to - 5_000, to))).versions;
    if (i % MAINTAIN_EVERY === 0) await lake.maintain();
  }
  await lake.close();
  say(`… made in ${Math.round((Date.now() - startedAt) / 1000)} s: ${stream.events} events, ${versions} versions.`);
  return { endsAt, events: stream.events, versions };
}

/** A minute ago, or shortly before midnight when the day has not enough hours yet. */
function endOfData(now: number): number {
  const midnight = now - (now % (24 * HOUR_MS));
  return now - 60_000 - SPAN_MS < midnight ? midnight - 60_000 : now - 60_000;
}
