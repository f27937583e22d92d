/**
 * `npm run bench spark-cuts [cuts] [hive2://…]`: starts a Spark of its own unless it is given one, which then has to see this
 * machine's files.
 */
import { runOnSpark } from "./on-spark.mjs";

await runOnSpark("spark-cuts", { defaults: ["40"], warm: true });
