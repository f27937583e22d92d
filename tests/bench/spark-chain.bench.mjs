/** `npm run bench spark-chain [pages] [latency] [commit]`: the whole server on a Spark of its own, beside the embedded engine. */
import { missingForSpark, startSpark } from "../../scripts/spark/start.mjs";
import { runBench } from "./compile.mjs";

const missing = missingForSpark();
if (missing !== null) {
  console.error(missing);
  process.exitCode = 1;
} else {
  const spark = await startSpark({ warm: true });
  try {
    process.argv.splice(2, 0, spark.url);
    await runBench("spark-chain");
  } finally {
    await spark.stop();
  }
}
