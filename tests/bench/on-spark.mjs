/** Runs a bench against a Spark of its own, or against one that the arguments name (`hive2://…`). */
import { missingForSpark, startSpark } from "../../scripts/spark/start.mjs";
import { runBench } from "./compile.mjs";

/**
 * The bench gets the server's address, then its numbers, then "warm" or "cold".
 *
 * @param {string} name
 * @param {{ defaults: string[], warm: boolean, hudi?: (numbers: string[]) => Record<string, string> }} options defaults of the
 *   numbers, in their order; lines of hudi-defaults.conf instead of the usual ones, for a server of its own
 */
export async function runOnSpark(name, { defaults, warm, hudi = () => ({}) }) {
  const args = process.argv.slice(2);
  const given = args.find((argument) => argument.startsWith("hive2://"));
  const numbers = args.filter((argument) => /^\d+$/.test(argument));
  const missing = given === undefined ? missingForSpark() : null;
  if (missing !== null) {
    console.error(missing);
    process.exitCode = 1;
    return;
  }
  const wanted = defaults.map((value, i) => numbers[i] ?? value);
  const spark = given === undefined ? await startSpark({ warm, hudi: hudi(wanted) }) : null;
  try {
    process.argv.splice(
      2,
      process.argv.length,
      spark?.url ?? given,
      ...wanted,
      spark === null || warm ? "warm" : "cold",
    );
    await runBench(name);
  } finally {
    await spark?.stop();
  }
}
