/**
 * A Pub/Sub server on this machine, for the demo and for tests: Google's own `pstest` behind a small Go program
 * (tests/pubsub-server), built once per version into the user's cache. `node scripts/pubsub.mjs [port]` runs it by itself.
 */
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, renameSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";
import { withLock } from "./lock.mjs";
import { inRoot } from "./paths.mjs";
import { run, say } from "./processes.mjs";

const SOURCE = inRoot("tests", "pubsub-server");
const LISTENING = /^listening (\S+)$/;
const STOP_TIMEOUT_MS = 5_000;

/**
 * Starts a server on the loopback; it holds everything in memory and nothing when it starts.
 * @param {{ port?: number }} [options] 0, the default: any free one
 * @returns {Promise<{ host: string, stop(): Promise<void> }>} host: what PUBSUB_EMULATOR_HOST is set to
 * @throws {Error} a sentence, when there is no Go or the program cannot be built
 */
export async function startPubsub({ port = 0 } = {}) {
  const child = spawn(await buildPubsub(), ["-port", String(port)], { stdio: ["ignore", "pipe", "inherit"] });
  const ended = new Promise((resolve) => child.once("exit", (code, signal) => resolve(code ?? signal)));
  const kill = () => child.kill("SIGKILL");
  process.once("exit", kill);
  const host = await Promise.race([
    addressFrom(child.stdout),
    ended.then((code) => {
      throw new Error(`The Pub/Sub server ended with ${code} before it listened; is port ${port} taken?`);
    }),
  ]);
  const stop = async () => {
    child.kill("SIGTERM");
    const timer = setTimeout(kill, STOP_TIMEOUT_MS);
    await ended;
    clearTimeout(timer);
    process.off("exit", kill);
  };
  return { host, stop };
}

function addressFrom(stdout) {
  return new Promise((resolve) => {
    createInterface({ input: stdout }).on("line", (line) => {
      const address = LISTENING.exec(line)?.[1];
      if (address !== undefined) resolve(address);
    });
  });
}

/**
 * Builds the program unless this version of it is there.
 * @returns {Promise<string>} path of the executable
 * @throws {Error} a sentence
 */
export async function buildPubsub() {
  const cache = path.join(process.env.XDG_CACHE_HOME ?? path.join(os.homedir(), ".cache"), "weir-tools");
  const name = `pubsub-server-${hashOf(SOURCE)}${process.platform === "win32" ? ".exe" : ""}`;
  const program = path.join(cache, name);
  if (existsSync(program)) return program;
  const wait = () => say("Another process builds the Pub/Sub server …");
  await withLock(path.join(cache, `${name}.lock`), () => build(program), wait);
  return program;
}

async function build(program) {
  if (existsSync(program)) return;
  say("Building the Pub/Sub server (once, about a minute) …");
  const draft = `${program}.${process.pid}`;
  const args = ["build", "-trimpath", "-ldflags=-s -w", "-o", draft, "."];
  let result;
  try {
    result = await run("go", args, { quiet: true, cwd: SOURCE });
  } catch (error) {
    throw new Error("The Pub/Sub server is a Go program, and there is no `go` on the PATH: install Go 1.26 or newer.", {
      cause: error,
    });
  }
  if (result.code !== 0) throw new Error(`Building the Pub/Sub server failed:\n${result.output.trimEnd()}`);
  renameSync(draft, program);
}

/** Of everything that decides what is built, so that another version is another program. */
function hashOf(folder) {
  const hash = createHash("sha256");
  for (const file of readdirSync(folder).sort()) hash.update(`${file}\n`).update(readFileSync(path.join(folder, file)));
  return hash.digest("hex").slice(0, 12);
}

async function main([port = "8085"]) {
  const server = await startPubsub({ port: Number(port) });
  console.log(`PUBSUB_EMULATOR_HOST=${server.host}`);
  for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => void server.stop());
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href)
  await main(process.argv.slice(2));
