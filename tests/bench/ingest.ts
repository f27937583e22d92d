/** How many events a second the server takes and commits, for a minute, and how old the newest data is in the end. */
import { join } from "node:path";
import { feedInfo, getJson } from "../support/api-client";
import { ServerProcess } from "../support/server-process";
import { until } from "../support/until";
import { ClientProcess } from "./client-process";
import type { IngestTold } from "./ingest-client";
import { cpuTime, memory, total } from "./machine";
import { printReport, round, say, summarise } from "./report";
import { tempFolder } from "./temp";

const DEFAULT_SECONDS = 60;
const DEFAULT_RATE = 11_000;
const DRAIN_MS = 120_000;
const GOAL_PER_S = 10_000;
const GOAL_AGE_MS = 3_000;

interface TimelinePage {
  instants: {
    action: string;
    completedAt: number | null;
    inserted: number;
    updated: number;
    durationMs: number | null;
  }[];
  next: string | null;
}

/** @param args seconds, 60 unless told; messages offered per second, 11,000 unless told */
export async function main([
  seconds = String(DEFAULT_SECONDS),
  rate = String(DEFAULT_RATE),
]: string[]): Promise<number> {
  const dataDir = join(await tempFolder(), "data");
  const profile = process.env["BENCH_CPU_PROF"];
  const server = await ServerProcess.start({
    dataDir,
    nodeArgs: profile === undefined ? [] : ["--cpu-prof", `--cpu-prof-dir=${profile}`],
  });
  const client = new ClientProcess<IngestTold, never>("ingest-client", {
    base: server.address,
    seconds: Number(seconds),
    rate: Number(rate),
    seed: 1,
  });
  const isReady = (told: IngestTold): told is IngestTold & { kind: "ready" } => told.kind === "ready";
  const isDone = (told: IngestTold): told is IngestTold & { kind: "done" } => told.kind === "done";
  await client.message(isReady);
  const before = { server: await cpuTime(server.pid), client: await cpuTime(client.pid) };
  say(`Publishing for ${seconds} s …`);
  const done = await client.message(isDone);
  const after = { server: await cpuTime(server.pid), client: await cpuTime(client.pid) };
  const atEnd = await feedInfo(server.address);
  const endAge = done.endedAt - (atEnd.newestEventAt ?? 0);
  const oldestStaged = atEnd.staged.oldestAt === null ? 0 : done.endedAt - atEnd.staged.oldestAt;
  const rss = await memory(server.pid);
  const drainStarted = Date.now();
  await until("the rest to be committed", async () => (await feedInfo(server.address)).staged.events === 0, DRAIN_MS);
  const drainMs = Date.now() - drainStarted;
  const info = await feedInfo(server.address);
  const commits = await commitsOf(server.address);
  await server.stop();
  const ms = done.endedAt - done.startedAt;
  const committed = done.acknowledged - atEnd.staged.events;
  const share = (which: "server" | "client") => round((total(after[which]) - total(before[which])) / ms);
  printReport(
    "ingest",
    [
      { what: "acknowledged", unit: "/s", value: (done.acknowledged / ms) * 1_000, goal: GOAL_PER_S, atLeast: true },
      {
        what: "committed within the time",
        unit: "/s",
        value: (committed / ms) * 1_000,
        goal: GOAL_PER_S,
        atLeast: true,
      },
      { what: "age of the oldest uncommitted event at the end", unit: "ms", value: oldestStaged, goal: GOAL_AGE_MS },
      { what: "age of the newest committed event at the end", unit: "ms", value: endAge, goal: GOAL_AGE_MS },
      { what: "committing the rest", unit: "ms", value: drainMs },
      { what: "sent to 202, a container of 500", unit: "ms", value: summarise(done.waits) },
      { what: "one commit", unit: "ms", value: summarise(commits.map(({ ms: took }) => took)) },
      { what: "rows that a commit changed", unit: "", value: summarise(commits.map(({ rows }) => rows)) },
      { what: "server, cores busy", unit: "", value: share("server") },
      { what: "client, cores busy", unit: "", value: share("client") },
      { what: "server, memory at the end", unit: "MB", value: rss.now / 1e6 },
      { what: "server, memory at most", unit: "MB", value: rss.peak / 1e6 },
    ],
    { seconds: Number(seconds), rate: Number(rate), rows: info.rows, refused: done.refused, bytes: done.bytes },
  );
  return 0;
}

async function commitsOf(base: string): Promise<{ ms: number; rows: number }[]> {
  const { instants } = await getJson<TimelinePage>(base, "/api/v1/feeds/pipeline_events/timeline?limit=200");
  return instants.flatMap(({ action, durationMs, inserted, updated }) =>
    action === "commit" && durationMs !== null ? [{ ms: durationMs, rows: inserted + updated }] : [],
  );
}
