/**
 * A data directory for the first page: 200 pipelines, of which 50 have a problem, with so many events in the table, written by
 * the real writer in large commits under a stepped clock and kept outside the checkout. The newest 100,000 events, which are all
 * that the page looks at, are the same whatever lies behind them.
 */
import { constants, existsSync } from "node:fs";
import { cp, mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pipelineEvent, type PipelineEvent } from "../support/pipeline-event";
import { seededRandom, type Random } from "../support/random";
import { cacheFolder } from "./cache-folder";
import { openEmbeddedLake } from "./embedded-lake";
import { say } from "./report";
import { tempFolder } from "./temp";
import { removeFolder } from "../support/remove-folder";

export const PIPELINES = 200;
export const PROBLEMS = 50;
const HOT_EVENTS = 100_000;
/** Raised when this file makes something else. */
const GENERATOR = 1;
const HOUR_MS = 3_600_000;
const HOT_SPAN_MS = 12 * HOUR_MS;
/** Commits of the newest events are of the size that a busy hour has; what lies behind them may be coarse. */
const HOT_COMMITS = 100;
const COLD_COMMIT = 200_000;
const KEPT_MS = 24 * HOUR_MS;
const STAGES = ["extract", "validate", "transform", "load", "publish"] as const;
/** Each of them is another problem, whatever numbers it has. */
const ERRORS = [
  (n: number) => `Timeout connecting to db-${n % 9}.prod.internal:5432 after ${30 + (n % 60)} s`,
  (n: number) => `column "amount_net" not found in s3://landing/orders/2026-11-21/part-${n}.parquet`,
  (n: number) => `HTTP 429 Too Many Requests from https://api.vendor.example/v2/contacts?page=${n}`,
  (n: number) => `disk quota exceeded: /var/spool/jobs/${n} needs ${n % 90} GiB\n    at writeBlock (spool.ts:88)`,
] as const;

export interface OnCallData {
  dataDir: string;
  /** Epoch ms of the newest commit. */
  endsAt: number;
}

/** A copy, for this bench alone. @param events in the table, at least those of the hot window */
export async function onCallData(events: number): Promise<OnCallData> {
  const made = await kept(events);
  const dataDir = join(await tempFolder(), "data");
  await cp(made.dataDir, dataDir, { recursive: true, mode: constants.COPYFILE_FICLONE });
  return { ...made, dataDir };
}

async function kept(events: number): Promise<OnCallData> {
  const folder = join(cacheFolder(), "weir-bench", `on-call-${GENERATOR}-${events}`);
  const about = join(folder, "about.json");
  const dataDir = join(folder, "data");
  if (existsSync(about)) {
    const { endsAt } = JSON.parse(await readFile(about, "utf8")) as { endsAt: number };
    if (Date.now() - endsAt < KEPT_MS) return { dataDir, endsAt };
  }
  await removeFolder(folder);
  const draft = `${folder}.${process.pid}`;
  await mkdir(join(draft, "data"), { recursive: true });
  try {
    const endsAt = await generate(join(draft, "data"), events);
    await writeFile(join(draft, "about.json"), JSON.stringify({ endsAt }));
    await rename(draft, folder);
    return { dataDir, endsAt };
  } finally {
    await removeFolder(draft);
  }
}

async function generate(dataDir: string, events: number): Promise<number> {
  say(`Making a table of ${events} events (once; it is kept in ${cacheFolder()}) …`);
  const startedAt = Date.now();
  const endsAt = startedAt - 60_000;
  const cold = Math.max(0, events - HOT_EVENTS);
  const coldFrom = endsAt - HOT_SPAN_MS - 10 * 24 * HOUR_MS;
  const lake = await openEmbeddedLake(dataDir, coldFrom);
  const random = seededRandom(21);
  const coldCommits = Math.ceil(cold / COLD_COMMIT);
  for (let i = 0; i < coldCommits; i++) {
    const from = coldFrom + ((endsAt - HOT_SPAN_MS - coldFrom) * i) / coldCommits;
    const to = coldFrom + ((endsAt - HOT_SPAN_MS - coldFrom) * (i + 1)) / coldCommits;
    lake.clock.set(Math.round(to));
    await lake.commit(coldEvents(random, Math.min(COLD_COMMIT, cold - i * COLD_COMMIT), from, to));
    await lake.maintain();
  }
  const hot = hotEvents(random, endsAt);
  for (let i = 0; i < HOT_COMMITS; i++) {
    const part = hot.slice((i * hot.length) / HOT_COMMITS, ((i + 1) * hot.length) / HOT_COMMITS);
    lake.clock.set(part.at(-1)!.lastUpdatedAt);
    await lake.commit(part);
    if (i % 10 === 0) await lake.maintain();
  }
  await lake.close();
  say(`… made in ${Math.round((Date.now() - startedAt) / 1000)} s.`);
  return endsAt;
}

const nameOf = (i: number): string => `${["orders", "billing", "crm", "ledger", "stock"][i % 5]!}_pipeline_${i}`;

function coldEvents(random: Random, count: number, from: number, to: number): PipelineEvent[] {
  return Array.from({ length: count }, (_, i) => {
    const at = Math.round(from + ((i + 1) / count) * (to - from));
    return event(random, i % PIPELINES, i % STAGES.length, at, `old-${Math.floor(at / HOUR_MS)}-${i % PIPELINES}`);
  });
}

/** 100 batches of five stages of each pipeline; the last batches of every fourth pipeline fail. */
function hotEvents(random: Random, endsAt: number): PipelineEvent[] {
  const batches = HOT_EVENTS / PIPELINES / STAGES.length;
  const events: PipelineEvent[] = [];
  for (let batch = 0; batch < batches; batch++)
    for (let pipeline = 0; pipeline < PIPELINES; pipeline++) {
      const id = random.uuid();
      const start = endsAt - HOT_SPAN_MS + ((batch + pipeline / PIPELINES) / batches) * HOT_SPAN_MS;
      const fails = pipeline % (PIPELINES / PROBLEMS) === 0 && batch >= batches - 1 - (pipeline % 13);
      for (const [i] of STAGES.entries()) {
        const made = event(random, pipeline, i, Math.round(start + i * 1_000), id);
        const isFailure = fails && i === STAGES.length - 1;
        if (isFailure)
          Object.assign(made, { status: "FAILED", errorMessage: ERRORS[pipeline % ERRORS.length]!(events.length) });
        events.push(made);
      }
    }
  return events.sort((a, b) => a.lastUpdatedAt - b.lastUpdatedAt);
}

function event(random: Random, pipeline: number, stage: number, at: number, correlationId: string): PipelineEvent {
  const source = 1_000 + random.int(0, 50_000);
  return pipelineEvent({
    eventId: random.uuid(),
    correlationId,
    pipelineName: nameOf(pipeline),
    stageName: STAGES[stage]!,
    eventTimestamp: at,
    processedRecordCount: source,
    sourceRecordCount: source,
    durationMs: random.int(20, 900),
    host: `worker-${pipeline % 12}`,
    version: "2.4.1",
  });
}
