/** How many messages a second are pulled, staged and acknowledged, for a minute, and whether any comes again after that. */
import { join } from "node:path";
import { feedInfo } from "../support/api-client";
import { ServerProcess } from "../support/server-process";
import { until } from "../support/until";
import { ClientProcess } from "./client-process";
import { cpuTime, memory, total } from "./machine";
import type { LoadTold } from "./pubsub-load";
import { printReport, round, say, summarise } from "./report";
import { tempFolder } from "./temp";

const DEFAULT_SECONDS = 60;
const DEFAULT_RATE = 11_000;
const GOAL_PER_S = 10_000;
const DRAIN_MS = 120_000;

/** @param args seconds, 60 unless told; messages published per second, 11,000 unless told */
export async function main([
  seconds = String(DEFAULT_SECONDS),
  rate = String(DEFAULT_RATE),
]: string[]): Promise<number> {
  const dataDir = join(await tempFolder(), "data");
  const profile = process.env["BENCH_CPU_PROF"];
  const load = new ClientProcess<LoadTold, never>("pubsub-load", {
    seconds: Number(seconds),
    rate: Number(rate),
    seed: 1,
  });
  const told = <K extends LoadTold["kind"]>(kind: K) =>
    load.message((message): message is Extract<LoadTold, { kind: K }> => message.kind === kind);
  const { host } = await told("ready");
  const server = await ServerProcess.start({
    dataDir,
    env: {
      PUBSUB_EMULATOR_HOST: host,
      WEIR_PUBSUB_PROJECT: "weir-bench",
      WEIR_PUBSUB_SUBSCRIPTIONS: "pipeline_events=events",
    },
    nodeArgs: profile === undefined ? [] : ["--cpu-prof", `--cpu-prof-dir=${profile}`],
  });
  const before = { server: await cpuTime(server.pid), load: await cpuTime(load.pid) };
  say(`Publishing for ${seconds} s …`);
  const done = await told("done");
  const after = { server: await cpuTime(server.pid), load: await cpuTime(load.pid) };
  const atEnd = await feedInfo(server.address);
  const rss = await memory(server.pid);
  const drained = await told("drained");
  const atDrained = await cpuTime(server.pid);
  await until("the rest to be committed", async () => (await feedInfo(server.address)).staged.events === 0, DRAIN_MS);
  const info = await feedInfo(server.address);
  await server.stop();
  load.close();
  const share = (which: "server" | "load") => round((total(after[which]) - total(before[which])) / done.ms);
  printReport(
    "pubsub",
    [
      {
        what: "acknowledged",
        unit: "/s",
        value: (done.acknowledged / done.ms) * 1_000,
        goal: GOAL_PER_S,
        atLeast: true,
      },
      { what: "published to acknowledged", unit: "ms", value: summarise(done.waits) },
      { what: "delivered again", unit: "", value: drained.redelivered, goal: 0 },
      { what: "delivered again after their acknowledgement", unit: "", value: drained.redeliveredAfterAck, goal: 0 },
      { what: "acknowledged too late", unit: "", value: drained.lateAcks, goal: 0 },
      {
        what: "published and not acknowledged in the end",
        unit: "",
        value: drained.published - drained.acknowledged,
        goal: 0,
      },
      { what: "staged and not committed at the end of the load", unit: "events", value: atEnd.staged.events },
      {
        what: "server, processor time per message, commits and pages included",
        unit: "µs",
        value: round(((total(atDrained) - total(before.server)) * 1_000) / drained.acknowledged),
      },
      { what: "server, cores busy", unit: "", value: share("server") },
      { what: "load server, cores busy", unit: "", value: share("load") },
      { what: "server, memory at the end", unit: "MB", value: rss.now / 1e6 },
      { what: "server, memory at most", unit: "MB", value: rss.peak / 1e6 },
    ],
    { seconds: Number(seconds), rate: Number(rate), rows: info.rows, bytes: done.bytes, deadLetters: info.deadLetters },
  );
  return 0;
}
