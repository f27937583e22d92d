/**
 * `weir run -- CMD`: runs a job and tells its story: started, then completed or failed, with its duration and the last that it
 * said. The job comes first: its input, output, signals and exit code are its own, and an observer that is away costs it
 * nothing.
 */
import { randomBytes, randomUUID } from "node:crypto";
import { constants, hostname } from "node:os";
import { basename } from "node:path";
import { environmentOfJob, readClientConfig, type ClientConfig } from "../config";
import { duration, readOptions, wholeNumber } from "./arguments";
import { AttemptEvents, type JobPlace } from "./job/attempt-events";
import { failureText, type JobEnd } from "./job/failure-text";
import { runJob, type JobRun } from "./job/job-process";
import { NOTHING_TOLD, openReport, type ReportFile, type Told } from "./job/job-report";
import { Signals } from "./job/signals";
import { Observer } from "./observer";
import { UsageError } from "./usage";

export interface RunOptions {
  place: JobPlace;
  command: string;
  args: readonly string[];
  retries: number;
  retryDelayMs: number;
  /** How often a job that runs is said to run; null = never. */
  heartbeatMs: number | null;
  feed: string;
  url: string;
  spoolDir: string;
}

/** What the end of a job may wait for its observer. */
const CLOSE_TIMEOUT_MS = 3_000;
/** As shells have it. */
const NOT_FOUND = 127;
const NOT_EXECUTABLE = 126;
const MOST_FAULTS = 5;

/** Resolves with the job's exit code; 128 + n when signal n ended it. @throws UsageError before anything was run */
export async function run(args: readonly string[]): Promise<number> {
  const client = readClientConfig();
  const options = readRunOptions(args, client);
  const { feed, url, spoolDir } = options;
  const signals = new Signals();
  try {
    const observer = await openObserver({
      feed,
      url,
      spoolDir,
      token: client.token,
      closeTimeoutMs: CLOSE_TIMEOUT_MS,
      say,
    });
    try {
      return exitCode(await runAttempts(options, observer, signals));
    } finally {
      await observer.close();
    }
  } finally {
    signals.close();
  }
}

const say = (sentence: string): void => void process.stderr.write(`weir: ${sentence}\n`);

function openObserver(options: Parameters<typeof Observer.open>[0]): Promise<Observer> {
  return Observer.open(options).catch((error: unknown) => {
    throw error instanceof TypeError ? new UsageError(`weir run: ${error.message}`) : error;
  });
}

async function runAttempts(options: RunOptions, observer: Observer, signals: Signals): Promise<JobEnd> {
  let after: string | null = null;
  for (let number = 1; ; number++) {
    const events = new AttemptEvents(options.place, number, randomUUID(), () => Date.now());
    if (after !== null) {
      observer.tell(events.next("RETRYING", NOTHING_TOLD, after));
      await signals.next(options.retryDelayMs);
    }
    const report = await openReportOrSay();
    const { last: stoppedBy } = signals;
    if (stoppedBy !== null) {
      await report?.remove();
      const reason = `stopped by ${stoppedBy} before it was tried again\n${after}`;
      if (after !== null) observer.tell(events.next("FAILED", NOTHING_TOLD, reason));
      return { kind: "signal", signal: stoppedBy };
    }
    if (after === null) observer.tell(events.next("STARTED", NOTHING_TOLD));
    const job = await runAttempt(options, { number, events, report }, observer, signals);
    if (isSuccess(job.end)) return job.end;
    after = failureText(job.end, job.tail);
    if (number > options.retries || job.end.kind === "unstarted" || signals.last !== null) return job.end;
  }
}

const openReportOrSay = (): Promise<ReportFile | null> =>
  openReport().catch((error: unknown) => {
    say(`there is no WEIR_REPORT (${(error as Error).message})`);
    return null;
  });

interface Attempt {
  number: number;
  events: AttemptEvents;
  /** Null when there is no room for one. */
  report: ReportFile | null;
}

/** Begins at once: no signal is heard between the call and the job's start. */
async function runAttempt(
  { place, command, args, heartbeatMs }: RunOptions,
  { number, events, report }: Attempt,
  observer: Observer,
  signals: Signals,
): Promise<JobRun> {
  const env = environmentOfJob({
    WEIR_CORRELATION_ID: place.correlationId,
    WEIR_ATTEMPT: String(number),
    ...(report !== null && { WEIR_REPORT: report.path }),
  });
  const beat = heartbeatMs === null ? null : setInterval(() => void tellRunning(events, observer, report), heartbeatMs);
  const job = await runJob({ command, args, env }, signals);
  if (beat !== null) clearInterval(beat);
  const told = await readReport(report, say);
  await report?.remove();
  if (isSuccess(job.end)) observer.tell(events.next("COMPLETED", told, null, job.durationMs));
  else observer.tell(events.next("FAILED", told, failureText(job.end, job.tail), job.durationMs));
  return job;
}

async function tellRunning(events: AttemptEvents, observer: Observer, report: ReportFile | null): Promise<void> {
  // What is wrong in it is said at the end, once.
  observer.tell(events.next("RUNNING", await readReport(report, () => undefined)));
}

async function readReport(report: ReportFile | null, complain: (sentence: string) => void): Promise<Told> {
  if (report === null) return NOTHING_TOLD;
  try {
    const { told, faults } = await report.read();
    for (const fault of faults.slice(0, MOST_FAULTS)) complain(fault);
    return told;
  } catch (error) {
    complain(`WEIR_REPORT cannot be read: ${(error as Error).message}`);
    return NOTHING_TOLD;
  }
}

const isSuccess = (end: JobEnd): boolean => end.kind === "exit" && end.code === 0;

function exitCode(end: JobEnd): number {
  switch (end.kind) {
    case "exit":
      return end.code;
    case "signal":
      return 128 + constants.signals[end.signal];
    case "unstarted":
      return end.code === "ENOENT" ? NOT_FOUND : NOT_EXECUTABLE;
  }
}

/** @throws UsageError */
function readRunOptions(args: readonly string[], client: ClientConfig): RunOptions {
  const dashes = args.indexOf("--");
  const [command, ...rest] = dashes < 0 ? [] : args.slice(dashes + 1);
  if (command === undefined || command === "")
    throw new UsageError("weir run needs a command after --: weir run --pipeline P -- CMD …");
  const { values } = readOptions("run", args.slice(0, dashes), {
    pipeline: { type: "string" },
    stage: { type: "string" },
    correlation: { type: "string" },
    feed: { type: "string", default: "pipeline_events" },
    retries: { type: "string", default: "0" },
    "retry-delay": { type: "string", default: "5s" },
    heartbeat: { type: "string" },
    label: { type: "string", multiple: true, default: [] },
    "log-url": { type: "string" },
    "job-version": { type: "string" },
    url: { type: "string" },
    spool: { type: "string" },
  });
  if (!values.pipeline) throw new UsageError("weir run needs --pipeline NAME: what the job is a part of.");
  return {
    place: {
      correlationId: values.correlation ?? client.correlationId ?? newCorrelation(values.pipeline),
      pipeline: values.pipeline,
      stage: values.stage ?? basename(command),
      host: hostname(),
      version: values["job-version"] ?? null,
      url: values["log-url"] ?? null,
      labels: Object.fromEntries(values.label.map(label)),
    },
    command,
    args: rest,
    retries: wholeNumber("--retries", values.retries, 0, 1_000),
    retryDelayMs: duration("--retry-delay", values["retry-delay"]),
    heartbeatMs: values.heartbeat === undefined ? null : Math.max(1_000, duration("--heartbeat", values.heartbeat)),
    feed: values.feed,
    url: values.url ?? client.url,
    spoolDir: values.spool ?? client.spoolDir,
  };
}

/** A batch of its own, with a name that people can read: `orders-20261121T171500-3f9a`. */
const newCorrelation = (pipeline: string): string =>
  `${pipeline}-${new Date().toISOString().replace(/[-:]|\..*/g, "")}-${randomBytes(2).toString("hex")}`;

function label(text: string): [string, string] {
  const equals = text.indexOf("=");
  if (equals < 1) throw new UsageError(`--label must be name=value (it is ${JSON.stringify(text)}).`);
  return [text.slice(0, equals), text.slice(equals + 1)];
}
