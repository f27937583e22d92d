import { expect, test } from "vitest";
import { openTestLake, pipelineEvents, rowOf, stagedFile, steppedClock, T0 } from "../../../tests/support/lake";
import { HudiTable } from "./table";

async function twoCommits() {
  const feed = await pipelineEvents();
  const clock = steppedClock();
  const { log, main, writer } = await openTestLake({ feed, clock, retainMs: 600_000 });
  const event = (id: string, at: number) =>
    rowOf(feed, {
      eventId: id,
      correlationId: "batch-1",
      pipelineName: "orders",
      stageName: "load",
      status: "STARTED",
      eventTimestamp: at,
      lastUpdatedAt: at,
    });
  const instants: string[] = [];
  for (const [i, at] of [T0, T0 - 86_400_000].entries()) {
    const commit = await writer.commit([stagedFile(`file-${i}`, [event(`e${i}`, at)])]);
    instants.push(commit!.instant);
    clock.advance(60_000);
  }
  return { log: log!, main, instants: instants as [string, string] };
}

test("an empty table has no head and no slices, and where there is none, there is null", async () => {
  const { main } = await openTestLake({ feed: await pipelineEvents(), clock: steppedClock(), retainMs: 600_000 });
  expect(main.head).toBeNull();
  expect(main.slices()).toEqual([]);
  expect(await HudiTable.open(main.storage, "elsewhere")).toBeNull();
});

test("files of a commit that is not complete are not there; files older than the timeline are (invariant 3)", async () => {
  const { main, instants } = await twoCommits();
  const [first, second] = instants;
  const { storage, folder } = main;
  const seen = async () => {
    await main.refresh();
    return main
      .slices()
      .map(({ instant }) => instant)
      .sort();
  };
  expect(await seen()).toEqual([first, second]);
  const body = await storage.read(`${folder}/.hoodie/${second}.commit`);
  await storage.remove(`${folder}/.hoodie/${second}.commit`);
  expect(await seen()).toEqual([first]);
  // The first commit archived: its files are older than every completed write and stay committed.
  await storage.write(`${folder}/.hoodie/${second}.commit`, body);
  for (const state of ["commit", "inflight", "commit.requested"])
    await storage.remove(`${folder}/.hoodie/${first}.${state}`);
  expect(await seen()).toEqual([first, second]);
});
