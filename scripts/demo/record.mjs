/**
 * Makes `recording.avro`: `node scripts/demo/record.mjs`. The pipelines of the demo do their real work on this machine, but
 * their pauses pass at once on a clock of their own, so that a day of them takes a minute. One pipeline is broken for a while.
 */
import { rmSync, writeFileSync } from "node:fs";
import { inRoot } from "../paths.mjs";
import { recordingClock } from "./clocks.mjs";
import { encodeContainer } from "./containers.mjs";
import { batchesOf, Lane } from "./lane.mjs";
import { installedPackages } from "./packages.mjs";
import { pipelines, Workshop } from "./workshop.mjs";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** When each pipeline begins a batch. */
const EVERY_MS = {
  "file-inventory": 5 * 60_000,
  "package-audit": 4 * 60_000,
  "docs-index": 5 * 60_000,
  "duplicate-finder": 6 * 60_000,
};
/** `docs-index` is broken in this part of the day. */
const BROKEN = { pipeline: "docs-index", from: 20.2 * HOUR_MS, to: 21 * HOUR_MS };

async function main() {
  const startsAt = Date.now() - DAY_MS;
  const packages = await installedPackages();
  const folder = inRoot(".weir", "recorder");
  const workshop = new Workshop(folder);
  const events = [];
  for (const pipeline of pipelines) events.push(...(await recordOne(pipeline, packages, workshop, startsAt)));
  rmSync(folder, { recursive: true });
  events.sort((a, b) => a.lastUpdatedAt - b.lastUpdatedAt);
  const container = await encodeContainer(events);
  writeFileSync(inRoot("scripts", "demo", "recording.avro"), container);
  console.log(`${events.length} events, ${container.length} bytes`);
}

async function recordOne(pipeline, packages, workshop, startsAt) {
  const events = [];
  const clock = recordingClock(startsAt);
  const lane = new Lane(pipeline, batchesOf(pipeline, packages, startsAt.toString(36)));
  const env = {
    clock,
    turn: async () => {},
    emit: async (event) => void events.push(event),
    folder: workshop.folderOf(pipeline),
    host: "recorder",
    labels: { source: "recorded" },
    itemPauseMs: 40,
    stagePauseMs: 900,
  };
  for (let dueAt = 0; dueAt < DAY_MS; dueAt += EVERY_MS[pipeline.name]) {
    const early = startsAt + dueAt - clock.now();
    if (early > 0) await clock.sleep(early);
    if (clock.now() - startsAt >= DAY_MS) break;
    breakOrMend(pipeline, workshop, clock.now() - startsAt);
    await lane.runOne(env);
  }
  workshop.mend();
  return events;
}

function breakOrMend(pipeline, workshop, time) {
  if (pipeline.name !== BROKEN.pipeline) return;
  workshop.mend();
  if (time >= BROKEN.from && time < BROKEN.to) workshop.breakOne();
}

await main();
