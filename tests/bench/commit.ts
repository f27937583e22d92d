/** A commit of 1,000 messages into a day that holds a million events: log and state, from rows in memory to durable. */
import { seededRandom } from "../support/random";
import { copyOfDataSet } from "./data-set";
import { openEmbeddedLake } from "./embedded-lake";
import { EventStream } from "./event-stream";
import { printReport, summarise } from "./report";

const EVENTS = 1_000_000;
const MESSAGES = 1_000;
const WARM_UP = 5;
const GAP_MS = 500;
const DEFAULT_COMMITS = 40;
const MAINTAIN_EVERY = 10;

/** @param args number of commits that are measured, 40 unless told; number of events in the table, a million unless told */
export async function main([commits = String(DEFAULT_COMMITS), size = String(EVENTS)]: string[]): Promise<number> {
  const data = await copyOfDataSet(Number(size));
  const lake = await openEmbeddedLake(data.dataDir, data.endsAt);
  const stream = new EventStream(seededRandom(1));
  const took: number[] = [];
  const cpu: number[] = [];
  const first = performance.now();
  let firstTook = 0;
  const maintenance: number[] = [];
  for (let i = 0; i < WARM_UP + Number(commits); i++) {
    const at = data.endsAt + (i + 1) * GAP_MS;
    const events = stream.take(MESSAGES, at - GAP_MS, at);
    lake.clock.set(at);
    const cpuBefore = process.cpuUsage();
    const startedAt = performance.now();
    await lake.commit(events);
    const ms = performance.now() - startedAt;
    if (i === 0) firstTook = performance.now() - first;
    if (i >= WARM_UP) {
      const { user, system } = process.cpuUsage(cpuBefore);
      took.push(ms);
      cpu.push((user + system) / 1_000);
    }
    if (i % MAINTAIN_EVERY === 0) {
      const begun = performance.now();
      await lake.maintain();
      maintenance.push(performance.now() - begun);
    }
  }
  await lake.close();
  printReport(
    "commit",
    [
      { what: `commit of ${MESSAGES} messages, log and state`, unit: "ms", value: summarise(took), goal: 150 },
      { what: "CPU time of it, all threads", unit: "ms", value: summarise(cpu) },
      { what: "first commit after start (reads the indexes)", unit: "ms", value: firstTook },
      { what: "maintenance, between commits", unit: "ms", value: summarise(maintenance) },
    ],
    { events: data.events, versions: data.versions },
  );
  return 0;
}
