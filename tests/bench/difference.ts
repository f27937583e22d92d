/**
 * The difference of two instants one hour apart, of tables in which about 20,000 rows change in an hour and the hot window is
 * full: the call and the page, at pairs of instants that nobody asked for before, and asked again.
 */
import { hasControlPlane } from "../support/api-client";
import { ServerProcess } from "../support/server-process";
import { until } from "../support/until";
import { copyOfDataSet, type DataSet } from "./data-set";
import { timedGet } from "./http-timing";
import { printReport, say, summarise, type Figure } from "./report";

/** Eleven hours of it: about 22,700 an hour. */
const EVENTS = 250_000;
const HOUR_MS = 3_600_000;
/** Far enough apart to lie in different commits of the data set. */
const APART_MS = 180_000;
const STARTS_MS = 60_000;
const GOAL_MS = 1_000;
const COUNTS = { full: 12, quick: 5 };

/** @param args "quick" for fewer measurements */
export async function main(args: string[]): Promise<number> {
  const wrong = args.find((arg) => arg !== "quick");
  if (wrong !== undefined) throw new Error(`There is no part "${wrong}"; there is quick.`);
  const data = await copyOfDataSet(EVENTS);
  const server = await ServerProcess.start({ dataDir: data.dataDir });
  try {
    await until("the first page", async () => (await fetch(`${server.address}/`)).status === 200, STARTS_MS);
    // The database is made at the very first start, which is no part of what is measured.
    await until("the control plane", () => hasControlPlane(server.address), STARTS_MS);
    printReport(
      "difference",
      await differences(server.address, data, args.includes("quick") ? COUNTS.quick : COUNTS.full),
    );
    return 0;
  } finally {
    await server.stop();
  }
}

async function differences(address: string, { endsAt }: DataSet, count: number): Promise<Figure[]> {
  const iso = (ms: number) => new Date(ms).toISOString();
  const pair = (i: number) => {
    const from = endsAt - 3 * HOUR_MS - i * APART_MS;
    return `at=${iso(from)}&vs=${iso(from + HOUR_MS)}`;
  };
  const call = (i: number) => `${address}/api/v1/feeds/pipeline_events/difference?${pair(i)}`;
  const answer = await fetch(call(0));
  if (answer.status !== 200) throw new Error(`${call(0)} answered ${answer.status}: ${await answer.text()}`);
  const { rows } = (await answer.json()) as { rows: { changed: number } };
  say(`${rows.changed} rows changed in the hour.`);
  const [cold, again, page]: number[][] = [[], [], []];
  for (let i = 1; i <= count; i++) {
    cold!.push((await timedGet(call(i), "br")).ms);
    again!.push((await timedGet(call(i), "br")).ms);
  }
  for (let i = count + 1; i <= 2 * count; i++)
    page!.push((await timedGet(`${address}/difference?${pair(i)}`, "br")).ms);
  const now: number[] = [];
  for (let i = 0; i < count; i++)
    now.push(
      (await timedGet(`${address}/difference?at=${iso(endsAt - HOUR_MS - i * APART_MS)}&vs=${iso(endsAt)}`, "br")).ms,
    );
  return [
    { what: "rows that changed in the hour", unit: "", value: rows.changed },
    { what: "call, two past instants an hour apart, cold", unit: "ms", value: summarise(cold!), goal: GOAL_MS },
    { what: "the same again", unit: "ms", value: summarise(again!) },
    { what: "page, two past instants an hour apart, cold", unit: "ms", value: summarise(page!), goal: GOAL_MS },
    { what: "page, an hour ago and now, cold", unit: "ms", value: summarise(now), goal: GOAL_MS },
  ];
}
