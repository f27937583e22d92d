/**
 * `node scripts/spark.mjs`: a Spark Thrift Server with Hudi on this machine, for tests, demo and benches. It downloads the jars
 * when they are missing, is warm when it reports ready, and ends on SIGINT, SIGTERM or when the process that started it closes
 * its standard input.
 */
import "./node-version.mjs";
import { parseArgs } from "node:util";
import { fail, say } from "./processes.mjs";
import { lastLines, startServer } from "./spark/server.mjs";

const HELP = `node scripts/spark.mjs [--port N] [--heap MiB] [--cores N] [--log FILE] [--gcs URL] [--conf KEY=VALUE]… [--hudi KEY=VALUE]…

Starts a Spark Thrift Server with Hudi (Java 17; Maven for the first start) on 127.0.0.1 and prints
"listening on hive2://127.0.0.1:PORT/default" when it is ready. Use it with WEIR_ENGINE=spark WEIR_SPARK_URL=hive2://…

  --port N           default: any free one
  --heap MiB         Java heap (default 2048; the process needs about 512 MiB beside it)
  --cores N          threads that run tasks (default 2)
  --log FILE         Spark's log (default: in a temporary folder that is removed at the end)
  --gcs URL          what speaks for gs:// in place of Google (node scripts/google-storage.mjs)
  --conf KEY=VALUE   a setting of Spark, --hive KEY=VALUE of the Thrift server, --hudi KEY=VALUE of Hudi
  --help             this text`;

const fromPairs = (pairs = []) =>
  Object.fromEntries(
    pairs.map((pair) => {
      const at = pair.indexOf("=");
      if (at < 1) throw new Error(`"${pair}" is not KEY=VALUE.`);
      return [pair.slice(0, at), pair.slice(at + 1)];
    }),
  );

const count = (name, text, max) => {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 0 || value > max)
    throw new Error(`--${name} wants a whole number up to ${max}, not "${text}".`);
  return value;
};

function parse(args) {
  const { values } = parseArgs({
    args,
    options: {
      port: { type: "string", default: "0" },
      heap: { type: "string", default: "2048" },
      cores: { type: "string", default: "2" },
      log: { type: "string" },
      gcs: { type: "string" },
      conf: { type: "string", multiple: true },
      hive: { type: "string", multiple: true },
      hudi: { type: "string", multiple: true },
      // How scripts/spark/start.mjs hands its options over and gets its answer: one line of JSON each.
      json: { type: "string" },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  if (values.help) return { help: true };
  if (values.json !== undefined) return { json: true, options: JSON.parse(values.json) };
  return {
    options: {
      port: count("port", values.port, 65_535),
      heapMiB: count("heap", values.heap, 1_000_000),
      cores: count("cores", values.cores, 1_000),
      conf: fromPairs(values.conf),
      hive: fromPairs(values.hive),
      hudi: fromPairs(values.hudi),
      logFile: values.log ?? null,
      googleStorage: values.gcs ?? null,
    },
  };
}

function parseOrExplain(args) {
  try {
    return parse(args);
  } catch (error) {
    return fail(`${error.message}\n\n${HELP}`);
  }
}

/** Aborted when this process is told to end, or its parent is gone. */
function endSignal({ watchInput }) {
  const end = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => end.abort());
  if (watchInput) process.stdin.on("end", () => end.abort()).on("error", () => end.abort());
  if (watchInput) process.stdin.resume();
  return end.signal;
}

async function main(args) {
  const { help, json = false, options } = parseOrExplain(args);
  if (help) return console.log(HELP);
  // A terminal's or a job's standard input may be closed from the start and means nothing.
  const signal = endSignal({ watchInput: json });
  const server = await startServer(options, signal).catch((error) => {
    if (signal.aborted) process.exit(0);
    return fail(error.message);
  });
  const url = `hive2://127.0.0.1:${server.port}/default`;
  const { port, pid, logFile, startMs, warmMs } = server;
  if (json) console.log(JSON.stringify({ url, port, pid, logFile, startMs, warmMs }));
  else {
    say(`Spark is ready (${((startMs + warmMs) / 1000).toFixed(1)} s); its log: ${logFile}`);
    console.log(`listening on ${url}`);
  }
  const told = new Promise((resolve) => {
    if (signal.aborted) resolve(null);
    else signal.addEventListener("abort", () => resolve(null));
  });
  const code = await Promise.race([server.ended, told]);
  if (code !== null) fail(`${lastLines(logFile)}\nSpark ended with ${code}.`);
  await server.stop();
  process.exit(0);
}

await main(process.argv.slice(2));
