/**
 * Spark at home for tests, demo and benches: `startSpark` starts `scripts/spark.mjs`, which keeps watch over the JVM, so that
 * no JVM outlives whoever wanted it, however that one ended.
 */
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { inRoot } from "../paths.mjs";
import { hasSparkJars } from "./jars.mjs";
import { findJava, findMaven, MissingTool } from "./java.mjs";

/** @type {typeof import("./start.d.mts").missingForSpark} */
export function missingForSpark() {
  try {
    findJava();
    if (!hasSparkJars()) findMaven();
    return null;
  } catch (error) {
    if (error instanceof MissingTool) return error.message;
    throw error;
  }
}

/** @type {typeof import("./start.d.mts").startSpark} */
export async function startSpark(options = {}) {
  const child = spawn(process.execPath, [inRoot("scripts", "spark.mjs"), "--json", JSON.stringify(options)], {
    stdio: ["pipe", "pipe", "pipe"],
  });
  const ended = new Promise((resolve) => child.once("close", (code, signal) => resolve(code ?? signal)));
  let words = "";
  child.stderr.setEncoding("utf8").on("data", (text) => (words += text));
  const line = await new Promise((resolve) => {
    createInterface({ input: child.stdout }).once("line", resolve);
    void ended.then(() => resolve(null));
  });
  if (line === null) throw new Error(words.trim() || `Spark ended with ${await ended} before it was ready.`);
  const ready = JSON.parse(line);
  return {
    ...ready,
    ended,
    async stop() {
      child.stdin.end();
      await ended;
    },
    async kill() {
      process.kill(ready.pid, "SIGKILL");
      await ended;
    },
  };
}
