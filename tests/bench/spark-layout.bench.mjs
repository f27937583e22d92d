/**
 * `npm run bench spark-layout [events] [hive2://…]`: starts a Spark of its own unless it is given one, which then has to see this
 * machine's files. Measured with 100,000 and with 1,000,000 events unless a number is given.
 */
import { runOnSpark } from "./on-spark.mjs";

await runOnSpark("spark-layout", { defaults: ["0"], warm: true });
