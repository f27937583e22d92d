/** Two real servers on one lake under load: how long nothing is committed after the writer was killed, or stopped. */
import { missingForPostgres, startPostgres } from "../support/postgres-server";
import { takeoverRun } from "../support/processes/takeover-run";
import { printReport, say, summarise } from "./report";
import { tempFolder } from "./temp";

const DEFAULT_TAKEOVERS = 6;
const GOAL_MS = 10_000;

/** @param args number of takeovers, 6 unless told; seed */
export async function main([
  takeovers = String(DEFAULT_TAKEOVERS),
  seed = String(Date.now() % 1_000_000),
]: string[]): Promise<number> {
  const missing = await missingForPostgres();
  if (missing !== null) {
    say(missing);
    return 1;
  }
  say(`Seed ${seed}.`);
  const postgres = await startPostgres();
  try {
    const fates = Array.from({ length: Number(takeovers) }, (_, i) => (i % 2 === 0 ? "killed" : "stopped"));
    const report = await takeoverRun({
      seed: Number(seed),
      folder: await tempFolder(),
      databaseUrl: postgres.url,
      fates,
      say,
    });
    for (const fault of report.faults) say(fault);
    printReport(
      "takeover",
      [
        {
          what: "from the end of the writer to the next commit",
          unit: "ms",
          value: summarise(report.takeoversMs),
          goal: GOAL_MS,
        },
        { what: "promises broken", unit: "", value: report.faults.length, goal: 0 },
        { what: "versions acknowledged", unit: "", value: report.acknowledged },
      ],
      { seed: Number(seed), faults: report.faults },
    );
    return report.faults.length === 0 && Math.max(...report.takeoversMs) <= GOAL_MS ? 0 : 1;
  } finally {
    await postgres.stop();
  }
}
