/**
 * Whether tables that Spark writes stay bounded: so many commits through the real writer, one after the other, and what they
 * leave on the disk and on the timelines, quarter by quarter.
 */
import { seededRandom } from "../support/random";
import { EventStream } from "./event-stream";
import { printReport, say, summarise, type Figure } from "./report";
import { diskUse, openSparkBenchLake, pipelineEvents, type DiskUse, type SparkBenchLake } from "./spark-lake";

const QUARTERS = 4;
const MAINTAIN_EVERY = 10;
/** Looks at the disk per quarter: cleaner and archiver work in steps of some commits, so one look would be of chance. */
const LOOKS = 10;
const MIB = 2 ** 20;

interface Quarter {
  took: number[];
  /** The worst that was seen in it, log then state. */
  most: DiskUse[];
}

/** @param args address of a Spark server, number of commits, messages per commit, commits that its cleaner retains, and whether it was warmed up */
export async function main([url, commits, messages, retained, warmth]: string[]): Promise<number> {
  const lake = await openSparkBenchLake(url!, await pipelineEvents());
  try {
    const quarters = await soak(lake, Number(commits), Number(messages));
    const figures = quarters.flatMap((quarter, n) => figuresOf(quarter, `${n + 1}/${QUARTERS}`));
    printReport("spark-soak", figures, {
      commits: Number(commits),
      messages: Number(messages),
      retained: Number(retained),
      spark: warmth,
    });
  } finally {
    await lake.close();
  }
  return 0;
}

async function soak(lake: SparkBenchLake, commits: number, messages: number): Promise<Quarter[]> {
  const stream = new EventStream(seededRandom(1));
  const quarters: Quarter[] = [];
  let last = Date.now() - 1_000;
  for (let n = 0; n < QUARTERS; n++) {
    const [from, to] = [n, n + 1].map((quarter) => Math.round((commits * quarter) / QUARTERS)) as [number, number];
    const lookEvery = Math.max(1, Math.floor((to - from) / LOOKS));
    const took: number[] = [];
    let most: DiskUse[] = [];
    for (let i = from; i < to; i++) {
      const now = Date.now();
      const files = await lake.stage(stream.take(messages, last, now));
      last = now;
      const startedAt = performance.now();
      await lake.commit(files);
      took.push(performance.now() - startedAt);
      if (i % MAINTAIN_EVERY === 0) await lake.maintain();
      if ((i + 1 - from) % lookEvery !== 0 && i + 1 < to) continue;
      const use = await Promise.all(lake.tables.map((folder) => diskUse(lake.storage, folder)));
      most = use.map((now, table) => greatest(most[table] ?? now, now));
      say(`${i + 1} commits, ${Math.round(took.at(-1)!)} ms: ${JSON.stringify(use)}`);
    }
    quarters.push({ took, most });
  }
  return quarters;
}

const greatest = (a: DiskUse, b: DiskUse): DiskUse =>
  Object.fromEntries(
    Object.entries(a).map(([key, value]) => [key, Math.max(value, b[key as keyof DiskUse])]),
  ) as unknown as DiskUse;

const figuresOf = ({ took, most }: Quarter, name: string): Figure[] => [
  { what: `${name}: commit`, unit: "ms", value: summarise(took) },
  ...["log", "state"].flatMap((table, i): Figure[] => {
    const use = most[i]!;
    return [
      { what: `${name}: ${table} on disk, at most`, unit: "MiB", value: use.bytes / MIB },
      { what: `${name}: ${table}, of that what is read`, unit: "MiB", value: use.liveBytes / MIB },
      { what: `${name}: ${table}, archived timeline`, unit: "MiB", value: use.archivedBytes / MIB },
      { what: `${name}: ${table}, files`, unit: "", value: use.files },
      { what: `${name}: ${table}, of those what is read`, unit: "", value: use.liveFiles },
      { what: `${name}: ${table}, actions on the timeline`, unit: "", value: use.instants },
    ];
  }),
];
