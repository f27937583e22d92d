/** Our tables, read by somebody else: hudi-rs agrees row for row, now and at past instants (invariants 2, 3). */
import { join } from "node:path";
import { expect, test, type TestContext } from "vitest";
import { openLake } from "~/lake/open";
import { localStorage } from "~/lake/storage/local";
import { keyOf, type Feed } from "~/model/feed";
import { EVERYTHING } from "~/model/filter";
import { positionOf } from "~/model/position";
import { compareText, type Row } from "~/model/value";
import { everyTypeFeed, everyTypeRows } from "../contract/every-type-feed";
import { generatedHistory, HOUR } from "../contract/generated-history";
import { ModelLake, type LoggedVersion } from "../contract/model-lake";
import { hudiRsPython, hudiRsRows } from "../support/hudi-rs";
import { NINE, pipelineFeed } from "../support/pipeline-feed";
import { temporaryFolder } from "../support/temporary-folder";

/** Ends the test where hudi-rs cannot be had, except in CI, where it must be. */
async function python(context: TestContext): Promise<string> {
  try {
    return await hudiRsPython();
  } catch (error) {
    if (process.env["CI"] === "true") throw error;
    const reason = error instanceof Error ? error.message.split("\n")[0] : String(error);
    console.log(`hudi-rs is not compared, because it cannot be installed here: ${reason}`);
    return context.skip();
  }
}

/** Commits a history and gives what it must have led to. */
async function landed(feed: Feed, history: readonly { at: number; rows: readonly Row[] }[]) {
  const folder = await temporaryFolder();
  let now = NINE;
  const lake = await openLake({
    storage: localStorage(folder),
    folder: "lake",
    clock: { now: () => now },
    retainMs: 365 * 24 * HOUR,
  });
  const { reader, writer } = await lake.tables(feed);
  const model = new ModelLake(feed);
  await writer.recover();
  for (const [n, { at, rows }] of history.entries()) {
    now = NINE + at;
    const fresh = model.unseen(rows);
    const commit = await writer.commit([{ name: `batch-${n}`, path: "", rows: () => Promise.resolve(rows) }]);
    if (commit !== null) model.commit(commit.instant, fresh);
    for (const { instant } of await writer.maintain()) {
      const day = 24 * HOUR;
      model.drop(instant, Math.floor((now - feed.retentionMs! - 1) / day) * day);
    }
  }
  return { folder: join(folder, "lake"), model, reader, close: () => lake.close() };
}

const asRow = ({ instant, row }: LoggedVersion): Row => [instant, ...row];
const sorted = (rows: readonly Row[]): string[] => rows.map((row) => JSON.stringify(row)).sort(compareText);

test("hudi-rs reads state and log as they were written, now and as of past instants", async (context) => {
  const interpreter = await python(context);
  const { folder, model, close } = await landed(pipelineFeed, generatedHistory(23, { commits: 25 }));
  await close();
  const past = model.instants.filter((_, i) => i % 6 === 0);
  const instants = [null, ...past];
  const newest = model.instants.at(-1)!;
  const states = await hudiRsRows(interpreter, join(folder, "pipeline_events"), pipelineFeed, instants);
  const logs = await hudiRsRows(interpreter, join(folder, "pipeline_events_log"), pipelineFeed, instants);
  for (const [i, instant] of instants.entries()) {
    const until = instant ?? newest;
    expect(sorted(states[i]!), `state at ${until}`).toEqual(sorted([...model.stateAt(until).values()].map(asRow)));
    const versions = model.versions.filter((version) => version.instant <= until);
    expect(sorted(logs[i]!), `log at ${until}`).toEqual(sorted(versions.map(asRow)));
  }
});

test("hudi-rs sees rows that are past their time leave, and has them at the instants before", async (context) => {
  const interpreter = await python(context);
  const feed: Feed = { ...pipelineFeed, retentionMs: 48 * HOUR };
  const history = generatedHistory(31, { commits: 24, perCommit: 12, gapMs: 6 * HOUR });
  const { folder, model, close } = await landed(feed, history);
  await close();
  expect(model.drops.length).toBeGreaterThan(2);
  const around = model.drops.flatMap(({ instant }) => [model.instants[model.instants.indexOf(instant) - 1]!, instant]);
  const instants = [null, ...around];
  const states = await hudiRsRows(interpreter, join(folder, "pipeline_events"), feed, instants);
  for (const [i, instant] of instants.entries()) {
    const until = instant ?? model.instants.at(-1)!;
    expect(sorted(states[i]!), `state at ${until}`).toEqual(sorted([...model.stateAt(until).values()].map(asRow)));
  }
});

test("hudi-rs and our reader read every type alike", async (context) => {
  const interpreter = await python(context);
  const { folder, reader, model, close } = await landed(everyTypeFeed, [{ at: 0, rows: everyTypeRows }]);
  const at = positionOf(reader.epoch, model.instants[0]!);
  const answer = await reader.snapshot({ at, filter: EVERYTHING, limit: 1_000 });
  await close();
  if (answer.kind === "gone") throw new Error("gone");
  const [theirs] = await hudiRsRows(interpreter, join(folder, everyTypeFeed.name), everyTypeFeed, [null]);
  const byKey = (rows: readonly Row[]) =>
    [...rows].sort((a, b) => compareText(keyOf(everyTypeFeed, a), keyOf(everyTypeFeed, b)));
  expect(byKey(theirs!.map(([, ...row]) => row))).toEqual(byKey(answer.rows));
});
