/** The server of the demo: a child process that can be killed and started again. */
import { spawn } from "node:child_process";
import { createWriteStream, existsSync } from "node:fs";
import path from "node:path";
import { createInterface } from "node:readline";
import { root, serverEntry } from "../paths.mjs";
import { runNode } from "../processes.mjs";

const LISTENING = /listening on (https?:\/\/\S+)/;
const STOP_TIMEOUT_MS = 10_000;

export class DemoServer {
  #dataDir;
  #logFile;
  #env;
  #child = null;
  #ended = Promise.resolve(null);
  #port = process.env.WEIR_PORT;
  address = "";

  /**
   * @param {string} dataDir absolute
   * @param {string} logFile absolute; gets what the server says
   * @param {Record<string, string>} env what it is told beside our own environment
   */
  constructor(dataDir, logFile, env) {
    this.#env = env;
    this.#dataDir = dataDir;
    this.#logFile = logFile;
  }

  /** Whether this data directory has never held events. */
  get isFresh() {
    return !existsSync(path.join(this.#dataDir, "lake", "pipeline_events"));
  }

  /**
   * Lands a recording through the real committer, its commits spread over the time before `ending`. Always with the embedded
   * engine, which can be told the time; Spark is then handed its tables.
   * @param {string} recording path of an Avro container file
   * @param {number} ending epoch ms
   */
  async replay(recording, ending) {
    const { code, output } = await runNode(
      [serverEntry, "replay", "--feed", "pipeline_events", "--recording", recording, "--ending", String(ending)],
      { quiet: true, env: { WEIR_DATA_DIR: this.#dataDir, WEIR_LOG: "warn" } },
    );
    if (code !== 0) throw new Error(`Replaying the recording failed with exit code ${code}:\n${output}`);
  }

  /** Starts it and waits until it listens. @returns {Promise<string>} its address */
  async start() {
    const env = {
      UV_THREADPOOL_SIZE: "8", // as weir.cjs sets it
      ...process.env,
      ...this.#env,
      WEIR_DATA_DIR: this.#dataDir,
      ...(this.#port === undefined ? {} : { WEIR_PORT: this.#port }),
    };
    // In a process group of its own: Ctrl-C in the terminal is for the demo, which then stops the server in order.
    const child = spawn(process.execPath, [serverEntry, "serve"], {
      cwd: root,
      env,
      stdio: ["ignore", "pipe", "pipe"],
      detached: true,
    });
    this.#child = child;
    this.#ended = new Promise((resolve) => child.once("exit", (code, signal) => resolve(code ?? signal)));
    const log = createWriteStream(this.#logFile, { flags: "a" });
    child.stderr.pipe(log, { end: false });
    child.stdout.pipe(log, { end: false });
    this.address = await Promise.race([
      addressFrom(child.stdout),
      this.#ended.then((code) => this.#neverListened(code)),
    ]);
    this.#port = new URL(this.address).port;
    return this.address;
  }

  /** Resolves when the server that runs now ends. @returns {Promise<number | string | null>} exit code or signal */
  get ended() {
    return this.#ended;
  }

  /** The hard way, as a machine that loses power. */
  async kill() {
    this.#child?.kill("SIGKILL");
    await this.#ended;
  }

  /** In order; the hard way when that takes too long. */
  async stop() {
    this.#child?.kill("SIGTERM");
    const timer = setTimeout(() => this.#child?.kill("SIGKILL"), STOP_TIMEOUT_MS);
    await this.#ended;
    clearTimeout(timer);
  }

  #neverListened(code) {
    throw new Error(
      `The server ended with ${code} before it listened. What it said is in ${path.relative(root, this.#logFile)}.`,
    );
  }
}

function addressFrom(stdout) {
  return new Promise((resolve) => {
    createInterface({ input: stdout }).on("line", (line) => {
      const address = LISTENING.exec(line)?.[1];
      if (address !== undefined) resolve(address.replace(/\/$/, ""));
    });
  });
}
