/**
 * What a day of the demo leaves in the data directory: a day of events under a stepped clock, the last ten minutes of it in
 * a commit per second, because what is superseded is kept that long.
 */
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { seededRandom } from "../support/random";
import { openEmbeddedLake } from "./embedded-lake";
import { EventStream } from "./event-stream";
import { printReport } from "./report";
import { tempFolder } from "./temp";

const MINUTE_MS = 60_000;
const DAY_MS = 1_440 * MINUTE_MS;
const LAST_MS = 10 * MINUTE_MS;
const SLOW_STEP_MS = 5 * MINUTE_MS;
const FAST_STEP_MS = 1_000;
const DEFAULT_RATE = 10;
const MAINTAIN_EVERY = 10;
const GIB = 2 ** 30;

/** @param args events per second, 10 unless told */
export async function main([rate = String(DEFAULT_RATE)]: string[]): Promise<number> {
  const dataDir = await tempFolder();
  const startsAt = Date.UTC(2026, 10, 20);
  const lake = await openEmbeddedLake(dataDir, startsAt);
  const stream = new EventStream(seededRandom(7));
  let commits = 0;
  let peak = 0;
  for (let at = startsAt; at < startsAt + DAY_MS;) {
    const step = at < startsAt + DAY_MS - LAST_MS ? SLOW_STEP_MS : FAST_STEP_MS;
    const count = Math.round((Number(rate) * step) / 1_000);
    lake.clock.set(at + step);
    // What is committed together arrived within seconds, as it does when commits are seconds apart.
    await lake.commit(stream.take(count, at + step - Math.min(step, 5_000), at + step));
    at += step;
    if (++commits % MAINTAIN_EVERY !== 0) continue;
    await lake.maintain();
    peak = Math.max(peak, (await inspect(dataDir)).bytes);
  }
  await lake.maintain();
  const end = await inspect(dataDir);
  await lake.close();
  printReport(
    "day",
    [
      { what: "data directory, at most", unit: "GiB", value: peak / GIB, goal: 2 },
      { what: "data directory at the end of the day", unit: "GiB", value: end.bytes / GIB, goal: 2 },
      { what: "files in it", unit: "", value: end.files },
    ],
    { events: stream.events, commits, rate: Number(rate) },
  );
  return 0;
}

async function inspect(folder: string): Promise<{ files: number; bytes: number }> {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true });
  const files = entries.filter((entry) => entry.isFile());
  const sizes = await Promise.all(files.map((file) => stat(join(file.parentPath, file.name)).then(({ size }) => size)));
  return { files: files.length, bytes: sizes.reduce((sum, size) => sum + size, 0) };
}
