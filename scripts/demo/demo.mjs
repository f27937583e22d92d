/**
 * The demo: a server and publishers beside each other, with a terminal from which pipelines and server can be hurt.
 * Started by `scripts/demo.mjs` when everything is installed and built.
 */
import { mkdirSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { inRoot } from "../paths.mjs";
import { Api } from "./api.mjs";
import { startChain } from "./chain.mjs";
import { machineClock } from "./clocks.mjs";
import { follow } from "./follower.mjs";
import { batchesOf, Lane } from "./lane.mjs";
import { Ledger } from "./ledger.mjs";
import { Pace } from "./pace.mjs";
import { installedPackages } from "./packages.mjs";
import { Publisher } from "./publisher.mjs";
import { DemoServer } from "./server.mjs";
import { Spool } from "./spool.mjs";
import { checkWhatIsOpen, keepChecking } from "./table-check.mjs";
import { Terminal } from "./terminal.mjs";
import { pipelines, Workshop } from "./workshop.mjs";

const RECORDING = inRoot("scripts", "demo", "recording.avro");
/** The recording ends this long before now, so that live events come after it. */
const RECORDING_ENDS_BEFORE_MS = 60_000;
/** From here on the pipelines stop pausing between items and more of them run side by side. */
const LOAD_RATE = 20;
const EVENTS_PER_LANE = 50;
const MAX_LANES = 12;

/**
 * @param {{ rate: number, dataDir: string | null, spark: boolean, pubsub: boolean }} options events per second; where the server
 *   keeps its data; whether Spark owns the tables and Pub/Sub carries the events
 * @returns {Promise<number>} exit code
 */
export async function runDemo({ rate, dataDir: wanted, spark, pubsub }) {
  const dataDir = path.resolve(wanted ?? inRoot(".weir", "demo"));
  const workDir = `${dataDir}-work`;
  mkdirSync(workDir, { recursive: true });
  const terminal = new Terminal();
  const stopping = new AbortController();
  const api = new Api(process.env.WEIR_SECRET);
  let server = null;
  let chain = null;
  try {
    chain = await startChain({ spark, pubsub, workDir, tell: (line) => terminal.tell(line) });
    server = new DemoServer(dataDir, `${workDir}/server.log`, chain.env);
    await startServer(server, terminal);
    api.base = server.address;
    const parts = makeParts({
      api,
      transport: chain.transport ?? api,
      workDir,
      rate,
      terminal,
      signal: stopping.signal,
    });
    const watching = watchServer({ server, api, terminal, signal: stopping.signal });
    listenToKeys({ ...parts, server, api, terminal, stopping });
    await runUntilStopped(parts, watching, stopping.signal, stopping);
    terminal.close();
    await parts.publisher.close();
    await checkWhatIsOpen(api, parts.ledger);
    terminal.tell(`Stopped. ${parts.statusLine()}`);
    return parts.ledger.lost === 0 ? 0 : 1;
  } catch (error) {
    terminal.close();
    terminal.tell(error instanceof Error ? error.message : String(error));
    return 1;
  } finally {
    stopping.abort();
    await server?.stop();
    await chain?.stop();
  }
}

async function startServer(server, terminal) {
  if (server.isFresh) {
    terminal.tell("First start: replaying the recording of an earlier day …");
    await server.replay(RECORDING, Date.now() - RECORDING_ENDS_BEFORE_MS);
  }
  const address = await server.start();
  terminal.tell(`\n  Weir is at ${address}\n`);
}

function makeParts({ api, transport, workDir, rate, terminal, signal }) {
  const clock = machineClock(signal);
  const ledger = new Ledger();
  const spool = new Spool(`${workDir}/spool`);
  const publisher = new Publisher({ transport, ledger, spool, clock, tell: (line) => terminal.tell(line) });
  const workshop = new Workshop(`${workDir}/pipelines`);
  const pace = new Pace(rate, clock);
  const statusLine = () => status(ledger, publisher);
  const run = () =>
    Promise.all([
      publisher.run(),
      follow({ api, clock, signal, onRow: (row) => ledger.seen(row.eventId, row.lastUpdatedAt, Date.now()) }),
      keepChecking({ api, ledger, clock, signal }),
      terminal.showStatus(statusLine, clock, signal),
      runLanes({ rate, clock, pace, publisher, workshop, signal }),
    ]);
  return { ledger, publisher, workshop, statusLine, run };
}

function status(ledger, publisher) {
  const seen = ledger.seenInMs === null ? "–" : `${(ledger.seenInMs / 1000).toFixed(ledger.seenInMs < 100 ? 2 : 1)} s`;
  const waiting = publisher.waiting === 0 ? "" : ` · waiting ${publisher.waiting}`;
  const refused = ledger.refused === 0 ? "" : ` · refused ${ledger.refused}`;
  return `acknowledged ${ledger.acknowledged} · in the table ${ledger.inTable} · lost ${ledger.lost} · seen in ${seen}${waiting}${refused}`;
}

/** Everything runs until somebody stops it or one part cannot go on, which then stops all of it. */
async function runUntilStopped(parts, watching, signal, stopping) {
  try {
    await Promise.race([parts.run(), watching]);
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    stopping.abort();
  }
}

async function runLanes({ rate, clock, pace, publisher, workshop, signal }) {
  const packages = await installedPackages();
  const lanesEach = Math.min(MAX_LANES, Math.ceil(rate / (EVENTS_PER_LANE * pipelines.length)));
  const isLoad = rate > LOAD_RATE;
  const env = (pipeline) => ({
    clock,
    turn: () => pace.take(),
    emit: (event) => publisher.emit(event),
    folder: workshop.folderOf(pipeline),
    host: os.hostname(),
    labels: { source: "demo" },
    itemPauseMs: isLoad ? 0 : 25,
    stagePauseMs: isLoad ? 0 : 300,
  });
  const startedAt = clock.now().toString(36);
  const lanes = pipelines.flatMap((pipeline) =>
    Array.from(
      { length: lanesEach },
      (_, i) =>
        new Lane(pipeline, batchesOf(pipeline, startingAt(packages, i / lanesEach), startedAt + i.toString(36))),
    ),
  );
  await Promise.all(lanes.map((lane) => runLane(lane, env(lane.pipeline), signal)));
}

async function runLane(lane, env, signal) {
  while (!signal.aborted) {
    await lane.runOne(env);
    await env.clock.sleep(env.stagePauseMs);
  }
}

/** Lanes of one pipeline begin at different packages. */
function startingAt(packages, share) {
  const first = Math.floor(packages.length * share);
  return [...packages.slice(first), ...packages.slice(0, first)];
}

/** Starts the server again when it ends without being asked to. */
async function watchServer({ server, api, terminal, signal }) {
  while (!signal.aborted) {
    const ended = server.ended;
    const code = await ended;
    if (signal.aborted) return;
    terminal.tell(`The server ended (${code}); starting it again …`);
    api.base = await server.start();
    terminal.tell(`The server is back at ${api.base}.`);
  }
}

function listenToKeys({ server, workshop, terminal, stopping }) {
  const stop = () => stopping.abort();
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, stop);
  terminal.onKeys({
    b: () => {
      const name = workshop.breakOne();
      terminal.tell(
        name === null
          ? "Every pipeline is broken already; f mends them."
          : `Broke ${name}: what it writes to is gone. f mends it.`,
      );
    },
    f: () => terminal.tell(`Mended ${workshop.mend().join(", ") || "nothing: no pipeline is broken"}.`),
    k: () => {
      terminal.tell("kill -9 …");
      void server.kill();
    },
    q: stop,
  });
}
