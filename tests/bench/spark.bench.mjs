/**
 * `npm run bench spark [events] [hive2://…]`: starts a Spark of its own unless it is given one, which then has to see this
 * machine's files. Machines without Java 17 and Maven are told so.
 */
import { runOnSpark } from "./on-spark.mjs";

// Not warmed: the first page after a start is what is measured first.
await runOnSpark("spark", { defaults: ["100000"], warm: false });
