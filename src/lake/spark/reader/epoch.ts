/** The epoch of positions as Spark tells what it is made of; the same as the embedded engine's, so that a handed-over table keeps its positions. */
import { createHash } from "node:crypto";
import type { FeedSource } from "./feed-source";
import { tableProperties, wholeTimeline } from "./procedures";

/** 8 hex digits of the table's identity and the restores that it went through (each takes commits back). */
export async function epochOf({ spark, main }: FeedSource): Promise<string> {
  const [properties, timeline] = await Promise.all([tableProperties(spark, main), wholeTimeline(spark, main)]);
  const restores = timeline.filter(({ action, state }) => action === "restore" && state === "COMPLETED");
  const identity = properties.get("weir.table.id") ?? properties.get("hoodie.table.name") ?? main.path;
  return createHash("sha256")
    .update([identity, ...restores.map(({ instant }) => instant).reverse()].join("\n"))
    .digest("hex")
    .slice(0, 8);
}
