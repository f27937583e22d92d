/**
 * Events for pictures: a company's pipelines over a day and a bit, with something of most states that a page can show at
 * `ending`. Drawn from a seed: the same pictures every time.
 */

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
/** What is usual of a pipeline is told after its first day. */
const SPAN_MS = 27 * HOUR_MS;

/**
 * @typedef {object} Line     a pipeline
 * @property {string} name
 * @property {readonly string[]} stages
 * @property {number} every   minutes from a start to the next
 * @property {number} takes   seconds of a run
 * @property {number} rows    of a run
 * @property {number} [last]  minutes before the end at which its last run begins; the newest one unless told
 * @property {readonly Trouble[]} [trouble]
 * @property {"running" | "slow" | "few" | "gone"} [ends] what is special about its newest run
 * @property {Pick<Line, "name" | "stages" | "takes">} [then] goes on with each batch that it completes
 */

/**
 * @typedef {object} Trouble
 * @property {string} stage
 * @property {number} from    minutes before the end
 * @property {number} [to]
 * @property {(n: number) => string} error
 * @property {boolean} [retries] it is tried again instead of given up
 * @property {number} [share]    of the runs; all unless told
 */

/** @type {readonly Line[]} */
const LINES = [
  {
    then: { name: "orders_mart", stages: ["join", "aggregate"], takes: 90 },
    ...{
      name: "orders_ingest",
      stages: ["extract", "validate", "load", "publish"],
      every: 6,
      takes: 240,
      rows: 1_200_000,
    },
    trouble: [
      {
        stage: "load",
        from: 34,
        error: (n) => `Timeout connecting to db-${n % 4}.prod.internal:5432 after ${30 + (n % 9)} s`,
      },
      {
        stage: "validate",
        from: 900,
        to: 820,
        error: (n) => `checksum of part-${n}.parquet differs from its manifest`,
      },
    ],
  },
  {
    ...{ name: "billing", stages: ["extract", "transform", "load"], every: 15, takes: 300, rows: 48_000 },
    trouble: [
      {
        stage: "transform",
        from: 96,
        error: (n) => `Column "amount_net" not found in s3://landing/billing/part-${n}.parquet`,
      },
    ],
  },
  {
    ...{ name: "crm_sync", stages: ["extract", "load"], every: 10, takes: 90, rows: 9_400 },
    trouble: [
      {
        ...{ stage: "extract", from: 21, retries: true },
        error: (n) => `HTTP 429 Too Many Requests from https://api.vendor.example/v2/contacts?page=${n}`,
      },
    ],
  },
  { name: "gl_export", stages: ["collect", "publish"], every: 6, takes: 45, rows: 3_100, last: 42 },
  { name: "inventory_snapshot", stages: ["scan", "write"], every: 20, takes: 120, rows: 220_000, last: 38 },
  {
    name: "clickstream_sessions",
    stages: ["read", "sessionise", "write"],
    every: 30,
    takes: 420,
    rows: 5_600_000,
    ends: "slow",
  },
  { name: "returns", stages: ["extract", "load"], every: 12, takes: 60, rows: 820, ends: "few" },
  {
    name: "ledger_close",
    stages: ["collect", "balance", "sign"],
    every: 60,
    takes: 600,
    rows: 12_000,
    last: 49,
    ends: "gone",
  },
  {
    name: "customer_360",
    stages: ["extract", "match", "merge", "publish"],
    every: 15,
    takes: 360,
    rows: 310_000,
    ends: "running",
  },
  {
    ...{ name: "fraud_scores", stages: ["features", "score", "audit"], every: 10, takes: 200, rows: 75_000 },
    trouble: [
      {
        ...{ stage: "audit", from: 8, share: 1 },
        error: () =>
          "java.lang.IllegalStateException: model 2026-11-20 has no threshold\n    at Audit.check(Audit.java:88)",
      },
      {
        stage: "score",
        from: 700,
        to: 610,
        error: (n) => `disk quota exceeded: /var/spool/scores/${n} needs ${n % 90} GiB`,
      },
    ],
  },
  {
    ...{ name: "shipments", stages: ["extract", "load"], every: 8, takes: 75, rows: 16_000 },
    then: { name: "delivery_times", stages: ["join", "aggregate", "publish"], takes: 110 },
  },
  { name: "prices", stages: ["fetch", "publish"], every: 5, takes: 30, rows: 2_400 },
  { name: "web_events", stages: ["read", "clean", "write"], every: 5, takes: 100, rows: 940_000 },
  { name: "supplier_feeds", stages: ["fetch", "parse", "load"], every: 30, takes: 200, rows: 64_000 },
];

/** Errors of pipelines that have one each: a list of problems is seldom short. */
const SMALL_ERRORS = [
  (n) => `schema registry answered 503 for subject tax-${n}`,
  (n) => `SQLSTATE 40P01: deadlock detected, process ${n} waits for ShareLock`,
  (n) => `No such file: /mnt/share/exports/2026-11-21/${n}.csv`,
  () => "Permission denied: role reporting_rw may not insert into mart.daily",
];

/** @param {number} ending epoch ms @returns {object[]} events, in the order of their publishing */
export function pictureEvents(ending) {
  const random = seeded(42);
  const small = SMALL_ERRORS.map((error, i) => ({
    ...{ name: `${["tax", "payroll", "exports", "reporting"][i]}_nightly`, stages: ["prepare", "write"] },
    ...{ every: 45, takes: 150, rows: 5_000 + 900 * i, trouble: [{ stage: "write", from: 50 + 70 * i, error }] },
  }));
  const events = [...LINES, ...small].flatMap((line) => runsOf(line, ending, random));
  return events
    .filter(({ lastUpdatedAt }) => lastUpdatedAt <= ending)
    .sort((a, b) => a.lastUpdatedAt - b.lastUpdatedAt);
}

function runsOf(line, ending, random) {
  const last =
    ending -
    (line.last ?? (line.ends === undefined || line.ends === "few" ? 1 + (line.takes / 60) * 1.2 : line.takes / 120)) *
      MINUTE_MS;
  const count = Math.floor((last - (ending - SPAN_MS)) / (line.every * MINUTE_MS));
  return Array.from({ length: count + 1 }, (_, i) => {
    const back = count - i;
    const jitter = back === 0 ? 0 : (random() - 0.5) * 0.1 * line.every * MINUTE_MS;
    return runOf(line, {
      number: i,
      back,
      startedAt: Math.round(last - back * line.every * MINUTE_MS + jitter),
      ending,
      random,
    });
  }).flat();
}

function runOf(line, { number, back, startedAt, ending, random }) {
  const ends = back === 0 ? line.ends : undefined;
  const began = ends === "slow" ? ending - 3.2 * line.takes * 1_000 : startedAt;
  const takes = line.takes * 1_000 * (0.85 + 0.3 * random());
  const rows = Math.round(line.rows * (0.9 + 0.2 * random()) * (ends === "few" ? 0.31 : 1));
  const events = [];
  let at = began;
  for (const [i, stage] of line.stages.entries()) {
    const minutes = (ending - began) / MINUTE_MS;
    const trouble = (line.trouble ?? []).find(
      ({ stage: of, from, to = 0, share = 1 }) => of === stage && minutes <= from && minutes >= to && random() <= share,
    );
    const length = Math.round(takes / line.stages.length);
    const kept = Math.round(rows * 0.985 ** i);
    const about = {
      eventId: `${line.name}-${number}-${stage}`,
      correlationId: `${line.name.replaceAll("_", "-")}-${String(4_000 + number)}`,
      ...{ pipelineName: line.name, stageName: stage, eventTimestamp: Math.round(at) },
      ...{ sourceRecordCount: i === 0 ? rows : Math.round(rows * 0.985 ** (i - 1)), host: `worker-${number % 5}` },
      ...{ version: number % 300 > 260 ? "2.5.0" : "2.4.1", labels: { team: line.name.split("_")[0] } },
    };
    const publish = (status, when, more) => events.push({ ...about, ...more, status, lastUpdatedAt: Math.round(when) });
    publish("STARTED", at, {});
    const isLastToBeHeard = ends !== undefined && ends !== "few" && i === Math.min(1, line.stages.length - 1);
    if (isLastToBeHeard) {
      if (ends !== "gone") publish("RUNNING", at + length / 2, { processedRecordCount: Math.round(kept * 0.4) });
      return events;
    }
    if (trouble) {
      const errorMessage = trouble.error(number * 7 + i);
      publish(trouble.retries ? "RETRYING" : "FAILED", at + length * 0.6, {
        errorMessage,
        attempt: trouble.retries ? 1 : 0,
      });
      return events;
    }
    const qualityScore =
      i === line.stages.length - 1 ? Math.round((0.93 + 0.07 * random()) * 1_000) / 1_000 : undefined;
    publish("COMPLETED", at + length, { processedRecordCount: kept, durationMs: length, qualityScore });
    at += length + 2_000;
  }
  if (line.then === undefined) return events;
  const next = { ...line, trouble: [], ...line.then, then: undefined };
  const { correlationId } = events[0];
  return [
    ...events,
    ...runOf(next, { number, back, startedAt: at, ending, random }).map((event) => ({ ...event, correlationId })),
  ];
}

/** Park and Miller's generator: 0 (with) to 1 (without). */
function seeded(seed) {
  let state = seed;
  return () => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
}
