/** One Spark Thrift Server: a JVM with a folder of its own, ready once it has answered, gone together with this process. */
import { spawn } from "node:child_process";
import { closeSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import net from "node:net";
import os from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { sparkJars } from "./jars.mjs";
import { findJava } from "./java.mjs";
import { configurationFiles, javaArguments } from "./options.mjs";
import { runStatements } from "./statements.mjs";

const HOST = "127.0.0.1";
const LOOK_AGAIN_MS = 250;
/** 10 s on a quiet machine; two minutes were seen where six servers shared two cores. */
const START_TIMEOUT_MS = 300_000;
const STOP_TIMEOUT_MS = 10_000;
const LOG_LINES_SHOWN = 30;

/**
 * Starts a server and waits until it is warm.
 *
 * @param {{ port?: number, heapMiB?: number, cores?: number, conf?: Record<string, string>, hive?: Record<string, string>, hudi?: Record<string, string>, logFile?: string | null, warm?: boolean, shortLived?: boolean, googleStorage?: string | null }} [options]
 * @param {AbortSignal} [signal] ends the start
 * @returns {Promise<{ port: number, pid: number, logFile: string, startMs: number, warmMs: number, ended: Promise<number | string>, stop: () => Promise<void> }>}
 * @throws {import("./java.mjs").MissingTool} without Java, or without Maven where the jars are missing
 */
export async function startServer(options = {}, signal) {
  const java = findJava();
  const jars = await sparkJars();
  const home = mkdtempSync(path.join(os.tmpdir(), "weir-spark-"));
  const removeHome = () => rmSync(home, { recursive: true, force: true, maxRetries: 5 });
  try {
    const server = await launch(java, jars, home, options, signal);
    void server.ended.then(removeHome);
    process.once("exit", removeHome);
    return server;
  } catch (error) {
    removeHome();
    throw error;
  }
}

async function launch(java, jars, home, options, signal) {
  const {
    heapMiB = 2048,
    cores = 2,
    conf = {},
    hive = {},
    hudi = {},
    logFile: wantedLog = null,
    warm = true,
    shortLived = false,
    googleStorage = null,
  } = options;
  const port = await freePort(options.port ?? 0);
  const logFile = wantedLog ?? path.join(home, "spark.log");
  writeConfiguration(home, { cores, hudi });
  const startedAt = Date.now();
  const log = openSync(logFile, "a");
  const child = spawn(
    java,
    javaArguments({ home, jars, port, heapMiB, shortLived, cores, googleStorage, conf, hive }),
    {
      cwd: home,
      env: { ...process.env, HUDI_CONF_DIR: path.join(home, "conf"), SPARK_LOCAL_IP: HOST },
      stdio: ["ignore", log, log],
      // Of no process group of ours: Ctrl-C ends this process, which ends the server in order.
      detached: process.platform !== "win32",
    },
  );
  closeSync(log);
  const ended = new Promise((resolve, reject) => {
    child.once("exit", (code, by) => resolve(code ?? by));
    child.once("error", reject);
  });
  const killWithUs = () => child.kill("SIGKILL");
  process.once("exit", killWithUs);
  void ended.then(() => process.off("exit", killWithUs));
  const stop = async () => {
    child.kill("SIGTERM");
    const timer = setTimeout(killWithUs, STOP_TIMEOUT_MS);
    await ended;
    clearTimeout(timer);
  };
  const onAbort = () => void stop();
  signal?.addEventListener("abort", onAbort);
  try {
    await untilReady({ port, ended, logFile, signal });
    const startMs = Date.now() - startedAt;
    if (warm) await warmUp(port, home);
    return { port, pid: child.pid, logFile, startMs, warmMs: Date.now() - startedAt - startMs, ended, stop };
  } catch (error) {
    await stop();
    throw error;
  } finally {
    signal?.removeEventListener("abort", onAbort);
  }
}

function writeConfiguration(home, hudiOptions) {
  for (const folder of ["conf", "tmp", "scratch", "warehouse"]) mkdirSync(path.join(home, folder));
  for (const [name, text] of Object.entries(configurationFiles(hudiOptions)))
    writeFileSync(path.join(home, "conf", name), text);
}

/** The wanted port, or a free one for 0. A port that is taken would only show in Spark's log. */
const freePort = (wanted) =>
  new Promise((resolve, reject) => {
    const server = net.createServer();
    server.once("error", (error) => reject(new Error(`Port ${wanted} cannot be used: ${error.message}`)));
    server.listen(wanted, HOST, () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });

async function untilReady({ port, ended, logFile, signal }) {
  const startedAt = Date.now();
  const deadline = startedAt + START_TIMEOUT_MS;
  let end = null;
  void ended.then((code) => (end = { code }));
  for (;;) {
    signal?.throwIfAborted();
    if (end !== null) throw new Error(`${lastLines(logFile)}\nSpark ended with ${end.code} before it was ready.`);
    try {
      return await runStatements({ host: HOST, port }, ["SELECT 1"]);
    } catch (error) {
      // Only a server that is not there yet may become ready.
      if (error.code === undefined || Date.now() > deadline)
        throw new Error(
          `${lastLines(logFile)}\nSpark was not ready after ${Math.round((Date.now() - startedAt) / 1000)} s: ${error.message}`,
          {
            cause: error,
          },
        );
    }
    await sleep(LOOK_AGAIN_MS);
  }
}

/** The first Hudi query and the first MERGE load some thousand classes: seconds that nobody else should wait. */
async function warmUp(port, home) {
  const table = "default.weir_warm_up";
  const place = path.join(home, "warm-up");
  const row = "SELECT 'a' AS id, 1L AS v, ARRAY('x') AS tags, DATE'2026-01-01' AS day";
  await runStatements({ host: HOST, port }, [
    `CREATE TABLE ${table} (id STRING, v BIGINT, tags ARRAY<STRING>, day DATE) USING hudi PARTITIONED BY (day)
     TBLPROPERTIES (type='cow', primaryKey='id', preCombineField='v') LOCATION 'file:${place}'`,
    ...[1, 2].map(
      () => `MERGE INTO ${table} AS t USING (${row}) AS s ON t.id = s.id
             WHEN MATCHED THEN UPDATE SET * WHEN NOT MATCHED THEN INSERT *`,
    ),
    `SELECT id, to_json(tags) FROM ${table} WHERE day >= DATE'2026-01-01' ORDER BY v DESC LIMIT 10`,
    `SELECT * FROM hudi_table_changes('${table}', 'latest_state', 'earliest')`,
    `CALL show_commits(table => '${table}', limit => 1)`,
    `DROP TABLE ${table}`,
  ]);
  rmSync(place, { recursive: true, force: true });
}

/** @param {string} logFile */
export const lastLines = (logFile) =>
  readFileSync(logFile, "utf8").trimEnd().split("\n").slice(-LOG_LINES_SHOWN).join("\n");
