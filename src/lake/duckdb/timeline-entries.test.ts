import { expect, test } from "vitest";
import { faultyStorage } from "../../../tests/support/faulty-storage";
import { openTestLake, pipelineEvents, rowOf, stagedFile, T0, temporaryStorage } from "../../../tests/support/lake";
import { HudiTable } from "../hudi/table";
import { timelinePage } from "./timeline-entries";

test("a commit that is archived under the call is no longer on the timeline, and the others are told", async () => {
  const feed = await pipelineEvents();
  const inner = await temporaryStorage();
  const { writer } = await openTestLake({ feed, storage: inner });
  for (const [n, id] of ["a", "b", "c"].entries()) {
    const row = rowOf(feed, {
      eventId: id,
      correlationId: "batch-1",
      pipelineName: "orders",
      stageName: "load",
      status: "STARTED",
      eventTimestamp: T0 + n,
      lastUpdatedAt: T0 + n,
    });
    await writer.commit([stagedFile(`file-${id}`, [row])]);
  }
  const storage = faultyStorage(inner);
  const table = (await HudiTable.open(storage, `lake/${feed.name}`))!;
  const commits = table.completedWrites().map(({ instant }) => instant);
  const archived = table.timelinePath(table.completedWrites()[0]!.file);
  storage.before(({ method, path }) => (method === "read" && path === archived ? inner.remove(archived) : undefined));

  const { entries, next } = await timelinePage(table, { limit: 10 }, () => null);
  expect(entries.map(({ instant }) => instant)).toEqual([commits[2], commits[1]]);
  expect(next).toBeNull();
});
