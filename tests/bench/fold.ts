/**
 * Folding a commit of 1,000 changed events into problems, pipelines, batches and counts over a full hot window of 200 pipelines, and
 * searching in its errors. In this process, without a server: what is measured is what every commit costs the server's one thread.
 */
import { readFileSync } from "node:fs";
import { feedFromSchema } from "~/model/feed-from-schema";
import { HotWindow, reserveOf } from "~/live/hot-window";
import { WindowCounts } from "~/live/status-counts";
import { attemptFields } from "~/model/attempt";
import { answers, parseQuestion } from "~/model/error-search";
import { compareRows, fieldIndex } from "~/model/feed";
import { fieldDifferences } from "~/model/field-differences";
import { normaliseError } from "~/model/normalise-error";
import type { Row, WireValue } from "~/model/value";
import { AttemptFold } from "~/model/view-fold";
import { seededRandom, type Random } from "../support/random";
import { printReport, say, summarise } from "./report";

const HOT_ROWS = 100_000;
const PIPELINES = 200;
const STAGES = ["extract", "transform", "load"];
const CHANGED = 1_000;
const COUNTS = { full: 200, quick: 60 };
const FOLD_GOAL_MS = 15;
const SEARCH_GOAL_MS = 100;
const NINE = Date.UTC(2026, 10, 21, 9);
const pipelineFeed = feedFromSchema(JSON.parse(readFileSync("avro/PipelineEvent.avsc", "utf8")), () => "bench");

const eventRow = (values: Readonly<Record<string, WireValue>>): Row =>
  pipelineFeed.fields.map(({ name }) => values[name] ?? null);

/** Between two events. */
const GAP_MS = 400;

const ERRORS: readonly ((random: Random) => string)[] = [
  (random) => `Timeout connecting to db-${random.int(1, 9)}.prod.internal:5432 after ${random.int(1, 90)} s`,
  (random) => `java.io.IOException: cannot write /data/out/part-${random.int(0, 99_999)}.parquet\n  at x.y(Z.java:7)`,
  () => "Column 'amount' not found",
  (random) => `HTTP 429 from https://api.example.com/v1/orders?page=${random.int(1, 999)}`,
  (random) => `row ${random.int(1, 1e9)}: value "${random.uuid()}" is no number`,
];

/** Events as pipelines make them: a batch passes the stages, each told of when it starts and when it ends. */
class Story {
  readonly #random = seededRandom(7);
  #n = 0;
  #running: Row[] = [];

  /** An event that is new, or a later version of one that was running. */
  next(): Row {
    const random = this.#random;
    const time = NINE + this.#n * GAP_MS;
    if (this.#running.length > 300 && random.chance(0.55)) {
      const old = this.#running.splice(random.int(0, this.#running.length - 1), 1)[0]!;
      return this.#ended(old, time);
    }
    const batch = this.#n++;
    const row = eventRow({
      eventId: `e-${batch}`,
      correlationId: `batch-${Math.floor(batch / STAGES.length)}`,
      pipelineName: `pipeline-${Math.floor(batch / STAGES.length) % PIPELINES}`,
      stageName: STAGES[batch % STAGES.length]!,
      status: "RUNNING",
      eventTimestamp: time,
      lastUpdatedAt: time,
      host: `host-${random.int(1, 20)}`,
    });
    this.#running.push(row);
    return row;
  }

  #ended(old: Row, time: number): Row {
    const random = this.#random;
    const values = Object.fromEntries(pipelineFeed.fields.map(({ name }, i) => [name, old[i] ?? null]));
    // One pipeline in twenty has troubles.
    const isFailed =
      Number((values["pipelineName"] as string).slice("pipeline-".length)) % 20 === 0 && random.chance(0.5);
    return eventRow({
      ...values,
      status: isFailed ? (random.chance(0.3) ? "RETRYING" : "FAILED") : "COMPLETED",
      errorMessage: isFailed ? random.pick(ERRORS)(random) : null,
      lastUpdatedAt: Math.max(time, (values["lastUpdatedAt"] as number) + 1),
      processedRecordCount: random.int(1, 1e6),
    });
  }
}

const unique = (rows: readonly Row[]): Row[] => [...new Map(rows.map((row) => [row[pipelineFeed.key], row])).values()];

/** Time of the processor, which others on the machine do not add to, ms. */
function cpuMs(work: () => void): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000;
}

function wallMs(work: () => void): number {
  const before = performance.now();
  work();
  return performance.now() - before;
}

/** @param args "quick" for fewer commits */
export function main(args: string[]): number {
  const wrong = args.find((arg) => arg !== "quick");
  if (wrong !== undefined) throw new Error(`There is no part "${wrong}"; there is quick.`);
  const commits = args.includes("quick") ? COUNTS.quick : COUNTS.full;
  const story = new Story();
  const state = new Map<unknown, Row>();
  while (state.size < HOT_ROWS + reserveOf(HOT_ROWS)) {
    const row = story.next();
    state.set(row[pipelineFeed.key], row);
  }
  const held = [...state.values()].sort((a, b) => compareRows(pipelineFeed, a, b));
  const window = new HotWindow(pipelineFeed, HOT_ROWS, held, true);
  const fields = attemptFields(pipelineFeed)!;
  let fold!: AttemptFold;
  const first = wallMs(() => (fold = new AttemptFold(fields, window.rows)));
  const counts = new WindowCounts(pipelineFeed, window.rows, NINE + HOT_ROWS * GAP_MS);
  say(`${window.rows.length} rows, ${fold.pipelines().length} pipelines, ${fold.problems().length} problems`);
  const folds: number[] = [];
  const windows: number[] = [];
  for (let i = 0; i < commits; i++) {
    const up = unique(Array.from({ length: CHANGED }, () => story.next()));
    let change!: ReturnType<HotWindow["apply"]>;
    windows.push(wallMs(() => (change = window.apply(up, []))));
    folds.push(
      cpuMs(() => {
        fold.apply(change.removed, change.added);
        counts.apply(change.removed, change.added, window.rows, NINE + (HOT_ROWS + i * CHANGED) * GAP_MS);
      }),
    );
  }
  const message = fieldIndex(pipelineFeed, "errorMessage");
  // The worst that a window can be: an error on every row, each another one.
  const random = seededRandom(3);
  const errors = window.rows.map((row) => row.with(message, random.pick(ERRORS)(random)));
  const question = parseQuestion('timeout "db-7.prod"');
  const searches = Array.from({ length: 10 }, () =>
    wallMs(() => errors.filter((row) => answers(question, row[message] as string))),
  );
  const normalised = wallMs(() => {
    for (let i = 0; i < 5_000; i++) normaliseError(errors[i]![message] as string);
  });
  const status = fieldIndex(pipelineFeed, "status");
  const isFailed = (row: Row) => row[status] === "FAILED";
  const compared = window.rows.slice(0, 50_000);
  const differences = Array.from({ length: 5 }, () =>
    cpuMs(() => fieldDifferences(pipelineFeed, compared, isFailed, [status])),
  );
  printReport("fold", [
    {
      what: "1,000 changed events into views and counts, cpu",
      unit: "ms",
      value: summarise(folds),
      goal: FOLD_GOAL_MS,
    },
    { what: "the window moved by them", unit: "ms", value: summarise(windows) },
    { what: "all views of 100,000 rows from scratch", unit: "ms", value: first },
    { what: "search in 100,000 errors", unit: "ms", value: summarise(searches), goal: SEARCH_GOAL_MS },
    { what: "grouping of the newest 5,000 of them", unit: "ms", value: normalised },
    { what: "differences over 50,000 rows, cpu", unit: "ms", value: summarise(differences) },
  ]);
  return 0;
}
