/** Kills of the real server under load, and whether anything that was promised is missing afterwards. */
import { join } from "node:path";
import { crashRun } from "../support/crash/crash-run";
import { printReport, say, summarise } from "./report";
import { tempFolder } from "./temp";

const DEFAULT_KILLS = 50;

/** @param args number of kills, 50 unless told; seed */
export async function main([
  kills = String(DEFAULT_KILLS),
  seed = String(Date.now() % 1_000_000),
]: string[]): Promise<number> {
  say(`Seed ${seed}.`);
  const dataDir = join(await tempFolder(), "data");
  const report = await crashRun({ seed: Number(seed), kills: Number(kills), dataDir, say });
  for (const fault of report.faults) say(fault);
  printReport(
    "crash",
    [
      { what: "promises broken", unit: "", value: report.faults.length, goal: 0 },
      { what: "kills", unit: "", value: report.kills },
      { what: "of them before it listened", unit: "", value: report.killedWhileStarting },
      { what: "versions sent", unit: "", value: report.sent },
      { what: "versions acknowledged", unit: "", value: report.acknowledged },
      { what: "commits on the timeline", unit: "", value: report.commits },
      { what: "process start to listening, after a kill", unit: "ms", value: summarise(report.startsMs) },
    ],
    { seed: Number(seed), faults: report.faults },
  );
  return report.faults.length === 0 ? 0 : 1;
}
