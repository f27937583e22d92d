/** Child processes: run to the end with output shown or kept, signals passed on, exit codes kept. */
import { spawn } from "node:child_process";
import { root } from "./paths.mjs";

const PASSED_ON = ["SIGINT", "SIGTERM", "SIGHUP"];

/**
 * Runs a command in the checkout to its end. Signals that this process gets meanwhile reach the child.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ env?: Record<string, string>, quiet?: boolean, shell?: boolean, cwd?: string }} [options] quiet: keep the output instead of showing it
 * @returns {Promise<{ code: number, output: string }>} code: 128 when a signal ended it; output: what was kept
 */
export function run(command, args, { env = {}, quiet = false, shell = false, cwd = root } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd,
      shell,
      env: { ...process.env, ...env },
      stdio: quiet ? ["ignore", "pipe", "pipe"] : "inherit",
    });
    let output = "";
    const keep = (chunk) => (output += chunk);
    child.stdout?.setEncoding("utf8").on("data", keep);
    child.stderr?.setEncoding("utf8").on("data", keep);
    const passOn = (signal) => child.kill(signal);
    for (const signal of PASSED_ON) process.on(signal, passOn);
    const settle = () => PASSED_ON.forEach((signal) => process.off(signal, passOn));
    child.once("error", (error) => {
      settle();
      reject(error);
    });
    child.once("close", (code) => {
      settle();
      resolve({ code: code ?? 128, output });
    });
  });
}

/** The same with this Node. */
export const runNode = (args, options) => run(process.execPath, args, options);

/** Progress goes to stderr, so that stdout is left to the command itself. @param {string} line */
export const say = (line) => process.stderr.write(`${line}\n`);

/** Ends the command with a sentence instead of a stack. @param {string} sentence @returns {never} */
export function fail(sentence) {
  say(sentence);
  process.exit(1);
}
