/**
 * Spark's and Hudi's jars (363 MB), in a cache outside of the checkout: `~/.cache/weir-spark/<hash of pom.xml>`, or below
 * XDG_CACHE_HOME. One download at a time; a folder counts once its marker is there, so a broken download is made again.
 */
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { withLock } from "../lock.mjs";
import { seconds } from "../packages.mjs";
import { inRoot } from "../paths.mjs";
import { run, say } from "../processes.mjs";
import { findMaven } from "./java.mjs";

const pom = inRoot("scripts", "spark", "pom.xml");

const cacheFolder = () => {
  const hash = createHash("sha256").update(readFileSync(pom)).digest("hex").slice(0, 16);
  const caches = process.env.XDG_CACHE_HOME || path.join(os.homedir(), ".cache");
  return path.join(caches, "weir-spark", hash);
};

const marker = (folder) => path.join(folder, "complete");

/** Whether `sparkJars` would need no download. */
export const hasSparkJars = () => existsSync(marker(cacheFolder()));

/**
 * The folder of the jars, downloaded when they are missing.
 * @returns {Promise<string>}
 * @throws {import("./java.mjs").MissingTool} when a download is needed and there is no Maven
 */
export async function sparkJars() {
  const folder = cacheFolder();
  const jars = path.join(folder, "jars");
  if (existsSync(marker(folder))) return jars;
  const wait = () => say("Another command is downloading Spark; waiting for it …");
  await withLock(`${folder}.lock`, () => download(folder, jars), wait);
  return jars;
}

async function download(folder, jars) {
  if (existsSync(marker(folder))) return; // whoever held the lock before did it
  const maven = findMaven();
  say("Downloading Spark and Hudi (363 MB of jars, once) …");
  const startedAt = Date.now();
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(jars, { recursive: true });
  const goal = ["dependency:copy-dependencies", "-DincludeScope=runtime", `-DoutputDirectory=${jars}`];
  const { code, output } = await run(maven, ["-B", "-q", "-f", pom, ...goal], {
    quiet: true,
    shell: process.platform === "win32",
    cwd: folder,
  });
  if (code !== 0) throw new Error(`${output.trimEnd()}\nMaven could not download Spark; its own words are above.`);
  writeFileSync(marker(folder), "");
  say(`Spark downloaded in ${seconds(startedAt)} s.`);
}
