/**
 * `npm run bench spark-soak [commits] [messages] [retained] [hive2://…]`: starts a Spark of its own unless it is given one, which
 * then has to see this machine's files. A thousand commits take half an hour and more; a shorter run shows the same when the
 * cleaner retains fewer commits, for everything else follows from that number.
 */
import { HUDI_DEFAULTS } from "../../scripts/spark/options.mjs";
import { runOnSpark } from "./on-spark.mjs";

const RETAINED = "hoodie.clean.commits.retained";
const FOLLOWING = ["hoodie.keep.min.commits", "hoodie.keep.max.commits", "hoodie.clean.trigger.max.commits"];

/** The cleaner's and the archiver's numbers, all in the proportion of the usual ones. */
function scaledTo(retained) {
  const scale = Number(retained) / Number(HUDI_DEFAULTS[RETAINED]);
  const scaled = FOLLOWING.map((key) => [key, String(Math.max(1, Math.round(Number(HUDI_DEFAULTS[key]) * scale)))]);
  return { [RETAINED]: retained, ...Object.fromEntries(scaled) };
}

await runOnSpark("spark-soak", {
  defaults: ["1000", "200", HUDI_DEFAULTS[RETAINED]],
  warm: true,
  hudi: ([, , retained]) => scaledTo(retained),
});
