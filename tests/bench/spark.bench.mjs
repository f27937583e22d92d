/**
 * `npm run bench spark [events] [hive2://…]`: starts a Spark of its own unless it is given one, which then has to see this
 * machine's files. Machines without Java 17 and Maven are told so.
 */
import { missingForSpark, startSpark } from "../../scripts/spark/start.mjs";
import { runBench } from "./compile.mjs";

const given = process.argv.find((argument) => argument.startsWith("hive2://"));
const events = process.argv.slice(2).find((argument) => /^\d+$/.test(argument)) ?? "100000";
const missing = given === undefined ? missingForSpark() : null;
if (missing !== null) {
  console.error(missing);
  process.exitCode = 1;
} else {
  // Not warmed: the first page after a start is what is measured first.
  const spark = given === undefined ? await startSpark({ warm: false }) : null;
  try {
    process.argv.splice(2, process.argv.length, spark?.url ?? given, events, spark === null ? "warm" : "cold");
    await runBench("spark");
  } finally {
    await spark?.stop();
  }
}
