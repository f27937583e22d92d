/** One of several processes at a time: a file that names its holder, taken over when the holder is gone. */
import { mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";

const LOOK_AGAIN_MS = 200;

/** Between making the file and naming its holder a process needs microseconds. */
const NAMELESS_FOR_MS = 5000;

/**
 * @template T
 * @param {string} file
 * @param {() => Promise<T>} work runs while the lock is held
 * @param {() => void} onWait called once when somebody else holds it
 * @returns {Promise<T>}
 */
export async function withLock(file, work, onWait) {
  mkdirSync(path.dirname(file), { recursive: true });
  let told = false;
  while (!take(file)) {
    if (!told) onWait();
    told = true;
    await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS));
  }
  const release = () => rmSync(file, { force: true });
  process.once("exit", release);
  try {
    return await work();
  } finally {
    process.off("exit", release);
    release();
  }
}

function take(file) {
  try {
    writeFileSync(file, String(process.pid), { flag: "wx" });
    return true;
  } catch (error) {
    if (error.code !== "EEXIST") throw error;
  }
  if (!isHeld(file)) rmSync(file, { force: true });
  return false;
}

function isHeld(file) {
  try {
    const pid = Number(readFileSync(file, "utf8"));
    return pid === 0 ? Date.now() - statSync(file).mtimeMs < NAMELESS_FOR_MS : isAlive(pid);
  } catch (error) {
    if (error.code === "ENOENT") return false;
    throw error;
  }
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === "EPERM";
  }
}
