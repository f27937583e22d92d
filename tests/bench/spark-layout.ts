/** What a commit on Spark takes by the layout of the state: files that follow arrival, or buckets. */
import { feedFromSchema } from "~/model/feed-from-schema";
import type { Feed } from "~/model/feed";
import { seededRandom } from "../support/random";
import { EventStream } from "./event-stream";
import { printReport, say, summarise, type Figure } from "./report";
import { diskUse, openSparkBenchLake, pipelineEvents } from "./spark-lake";

const SIZES = [100_000, 1_000_000];
/** About as many rows per bucket of a day's partition as a group takes well. */
const ROWS_PER_BUCKET = 64_000;
const LOADED_AT_ONCE = 100_000;
const BATCHES = [
  { messages: 1_000, rounds: 8 },
  { messages: 10_000, rounds: 5 },
];
const WARM_UP = 2;
const MIB = 2 ** 20;

/** @param args address of a Spark server, number of events (0 = the usual sizes), and whether the server was warmed up */
export async function main([url, events, warmth]: string[]): Promise<number> {
  const declared = await pipelineEvents();
  const figures: Figure[] = [];
  for (const size of Number(events) > 0 ? [Number(events)] : SIZES) {
    const buckets = Math.max(2, Math.ceil(size / ROWS_PER_BUCKET));
    for (const feed of [declared, inBuckets(declared, buckets)]) {
      const name = feed.buckets === null ? "log" : `${buckets} buckets`;
      figures.push(...(await measure(url!, feed, size, `${size} events, ${name}`)));
    }
  }
  printReport("spark-layout", figures, { spark: warmth });
  return 0;
}

function inBuckets(feed: Feed, buckets: number): Feed {
  const schema = feed.schema as { weir: object };
  return feedFromSchema({ ...schema, weir: { ...schema.weir, layout: "bucket", buckets } }, () => feed.schemaId);
}

async function measure(url: string, feed: Feed, size: number, what: string): Promise<Figure[]> {
  const lake = await openSparkBenchLake(url, feed);
  const stream = new EventStream(seededRandom(size));
  let now = Date.now() - 60_000;
  const commit = async (messages: number): Promise<number> => {
    const files = await lake.stage(stream.take(messages, now, (now += 500)));
    const startedAt = performance.now();
    await lake.commit(files);
    return performance.now() - startedAt;
  };
  try {
    const loadedAt = performance.now();
    while (stream.events < size) await commit(Math.min(LOADED_AT_ONCE, Math.ceil((size - stream.events) / 0.9)));
    const loadMs = performance.now() - loadedAt;
    say(`${what}: loaded in ${Math.round(loadMs / 1000)} s`);
    const figures: Figure[] = [{ what: `${what}: loading them`, unit: "s", value: loadMs / 1_000 }];
    for (const { messages, rounds } of BATCHES) {
      const took: number[] = [];
      for (let i = 0; i < WARM_UP + rounds; i++) {
        const ms = await commit(messages);
        if (i >= WARM_UP) took.push(ms);
      }
      say(`${what}: commits of ${messages} took ${took.map(Math.round).join(", ")} ms`);
      figures.push({ what: `${what}: commit of ${messages}`, unit: "ms", value: summarise(took) });
    }
    const use = await diskUse(lake.storage, lake.tables[1]!);
    figures.push({ what: `${what}: state, files that are read`, unit: "", value: use.liveFiles });
    figures.push({ what: `${what}: state, MiB that are read`, unit: "MiB", value: use.liveBytes / MIB });
    return figures;
  } finally {
    await lake.close();
  }
}
