/**
 * Servers for demo and tests that are small Go programs around somebody's own library, built once per version into the
 * user's cache. Each listens on the loopback, prints `listening ADDRESS` and ends when it is told to.
 */
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, renameSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import { withLock } from "./lock.mjs";
import { inRoot } from "./paths.mjs";
import { run, say } from "./processes.mjs";

const LISTENING = /^listening (\S+)$/;
const STOP_TIMEOUT_MS = 5_000;

/** @param {{ name: string, title: string }} about name: of its folder in tests/; title: as sentences call it */
export function goServer({ name, title }) {
  const source = inRoot("tests", name);

  /** See the declaration of who uses it. */
  async function start({ port = 0 } = {}) {
    const child = spawn(await build(), ["-port", String(port)], { stdio: ["ignore", "pipe", "inherit"] });
    const ended = new Promise((resolve) => child.once("exit", (code, signal) => resolve(code ?? signal)));
    const kill = () => child.kill("SIGKILL");
    process.once("exit", kill);
    const address = await Promise.race([
      addressFrom(child.stdout),
      ended.then((code) => {
        throw new Error(`The ${title} ended with ${code} before it listened; is port ${port} taken?`);
      }),
    ]);
    const stop = async () => {
      child.kill("SIGTERM");
      const timer = setTimeout(kill, STOP_TIMEOUT_MS);
      await ended;
      clearTimeout(timer);
      process.off("exit", kill);
    };
    return { address, stop };
  }

  /** Builds the program unless this version of it is there. */
  async function build() {
    const cache = path.join(process.env.XDG_CACHE_HOME ?? path.join(os.homedir(), ".cache"), "weir-tools");
    const file = `${name}-${hashOf(source)}${process.platform === "win32" ? ".exe" : ""}`;
    const program = path.join(cache, file);
    if (existsSync(program)) return program;
    const wait = () => say(`Another process builds the ${title} …`);
    await withLock(path.join(cache, `${file}.lock`), () => compile(program), wait);
    return program;
  }

  async function compile(program) {
    if (existsSync(program)) return;
    say(`Building the ${title} (once, a minute or more) …`);
    const draft = `${program}.${process.pid}`;
    const args = ["build", "-trimpath", "-ldflags=-s -w", "-o", draft, "."];
    let result;
    try {
      result = await run("go", args, { quiet: true, cwd: source });
    } catch (error) {
      throw new Error(`The ${title} is a Go program, and there is no \`go\` on the PATH: install Go 1.26 or newer.`, {
        cause: error,
      });
    }
    if (result.code !== 0) throw new Error(`Building the ${title} failed:\n${result.output.trimEnd()}`);
    renameSync(draft, program);
  }

  return { start, build };
}

function addressFrom(stdout) {
  return new Promise((resolve) => {
    createInterface({ input: stdout }).on("line", (line) => {
      const address = LISTENING.exec(line)?.[1];
      if (address !== undefined) resolve(address);
    });
  });
}

/** Of everything that decides what is built, so that another version is another program. */
function hashOf(folder) {
  const hash = createHash("sha256");
  for (const file of readdirSync(folder).sort()) hash.update(`${file}\n`).update(readFileSync(path.join(folder, file)));
  return hash.digest("hex").slice(0, 12);
}
