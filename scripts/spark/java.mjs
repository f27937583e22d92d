/** Java 17 and Maven, found or missed with a sentence that says what to do. */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import path from "node:path";

/** Spark 3.5 runs on it; newer ones took away what Hadoop's client calls. */
const JAVA = 17;

/** A tool that Spark at home needs is not there: the message says which, and what to do. */
export class MissingTool extends Error {
  name = "MissingTool";
}

/** @returns {string} the command that starts Java 17. @throws {MissingTool} */
export function findJava() {
  const home = process.env.JAVA_HOME;
  const fromHome = home ? path.join(home, "bin", process.platform === "win32" ? "java.exe" : "java") : null;
  const seen = [];
  for (const java of [fromHome, "java"]) {
    if (java === null || (java !== "java" && !existsSync(java))) continue;
    const major = majorVersion(java);
    if (major === JAVA) return java;
    if (major !== null) seen.push(`${java} is Java ${major}`);
  }
  throw new MissingTool(
    `Spark needs Java ${JAVA}, ${seen.length > 0 ? `but ${seen.join(" and ")}` : "and no java was found on the PATH or in JAVA_HOME"}. Install it (Debian: apt-get install openjdk-17-jre-headless) or set JAVA_HOME to it.`,
  );
}

/** @returns {string} the command that starts Maven. @throws {MissingTool} */
export function findMaven() {
  const maven = process.platform === "win32" ? "mvn.cmd" : "mvn";
  const { error } = spawnSync(maven, ["--version"], { stdio: "ignore", shell: process.platform === "win32" });
  if (error === undefined) return maven;
  throw new MissingTool(
    "Spark's jars come through Maven, and no mvn was found on the PATH. Install it (Debian: apt-get install maven); it is needed for the download only.",
  );
}

function majorVersion(java) {
  const { stderr, error } = spawnSync(java, ["-version"], { encoding: "utf8" });
  if (error !== undefined) return null;
  const version = /version "(\d+)(?:\.(\d+))?/.exec(stderr);
  if (version === null) return null;
  return version[1] === "1" ? Number(version[2]) : Number(version[1]); // Java 8 calls itself 1.8
}
