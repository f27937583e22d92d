/** `weir lake` on tables that the embedded writer made; what only other writers make is in tests/spark. */
import { expect, test, vi } from "vitest";
import { openTestLake, pipelineEvents, rowOf, stagedFile, steppedClock, T0, temporaryStorage } from "../../tests/support/lake"; // prettier-ignore
import type { Row } from "../model/value";
import { lake } from "./lake";

/** What a run prints, line by line, and says beside it. */
async function run(...args: string[]) {
  const [out, err]: [string[], string[]] = [[], []];
  const spies = [
    vi.spyOn(process.stdout, "write").mockImplementation((text) => out.push(String(text)) > 0),
    vi.spyOn(process.stderr, "write").mockImplementation((text) => err.push(String(text)) > 0),
  ];
  try {
    expect(await lake(args)).toBe(0);
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
  const lines = out.join("").split("\n").slice(0, -1);
  return { lines, said: err.join(""), json: () => lines.map((line) => JSON.parse(line) as Record<string, unknown>) };
}

async function tableOfThree() {
  const feed = await pipelineEvents();
  const storage = await temporaryStorage();
  const made = await openTestLake({ feed, storage, clock: steppedClock() });
  const event = (eventId: string, status: string, at: number, pipelineName = "orders"): Row =>
    rowOf(feed, { eventId, correlationId: "b", pipelineName, stageName: "load", status, eventTimestamp: at, lastUpdatedAt: at }); // prettier-ignore
  let n = 0;
  const commit = async (...rows: Row[]) => (await made.writer.commit([stagedFile(`f${n++}`, rows)]))!.instant;
  const first = await commit(event("a", "STARTED", T0), event("b", "STARTED", T0));
  const second = await commit(event("a", "FAILED", T0 + 5));
  // Its partition changes: the row moves.
  const third = await commit(event("b", "COMPLETED", T0 + 86_400_000 * 0.7, "\u001b[31mred"));
  return { path: storage.locate("lake/pipeline_events"), first, second, third, storage, folder: made.main.folder };
}

test("tells the timeline of a table, newest first", async () => {
  const { path, first, second, third } = await tableOfThree();
  const { lines, json } = await run("timeline", path, "--json");
  expect(lines).toHaveLength(3);
  expect(json().map(({ instant }) => instant)).toEqual([third, second, first]);
  expect(json()[2]).toMatchObject({ action: "commit", state: "COMPLETED", inserted: 2, files: 1 });
  const text = await run("timeline", path, "--at", second);
  expect(text.lines[0]).toMatch(/^INSTANT +ACTION +STATE +TOOK/);
  expect(text.lines.slice(1).map((line) => line.slice(0, 17))).toEqual([second, first]);
});

test("tells the rows as of a commit, and as of now (invariant 5)", async () => {
  const { path, first, third } = await tableOfThree();
  const then = await run("rows", path, "--at", first, "--json");
  expect(then.json().map(({ eventId, status }) => [eventId, status])).toEqual([["a", "STARTED"], ["b", "STARTED"]]); // prettier-ignore
  expect(then.said).toBe(`weir: rows as of ${first}, from 1 files\n`);
  const now = await run("rows", path);
  expect(now.lines).toHaveLength(3);
  expect(now.lines.join("\n")).toMatch(/a +b +orders +load +FAILED/);
  // Text is text: nothing of it reaches the terminal as a command (invariant 8).
  expect(now.lines.join("\n")).not.toMatch(/(?!\n)\p{Cc}/u);
  expect((await run("rows", path, "--limit", "1")).said).toContain(`as of ${third}, from`);
});

test("tells what changed between two commits, whatever moved", async () => {
  const { path, first, second } = await tableOfThree();
  const changed = await run("changes", path, "--since", first, "--at", second, "--json");
  expect(changed.json().map(({ eventId, status }) => [eventId, status])).toEqual([["a", "FAILED"]]);
  const all = await run("changes", path, "--since", second, "--json");
  expect(all.json().map(({ eventId }) => eventId)).toEqual(["b"]);
  expect(all.said).toContain("1 changed rows and 0 that left");
});

test.each([
  [["rows"], "weir lake timeline|rows|changes PATH"],
  [["peek", "x"], "weir lake timeline|rows|changes PATH"],
  [["rows", "/nowhere/at/all"], "There is no Hudi table in /nowhere/at/all"],
  [["changes", "/nowhere"], "There is no Hudi table"],
  [["rows", ".", "--since", "0"], "takes no --since"],
  [["rows", ".", "--limit", "x"], "--limit must be a whole number"],
])("%j is refused with what it should be", async (args, sentence) => {
  await expect(lake(args)).rejects.toThrow(sentence);
});

test.each([
  ["--at", "yesterday", "--at must be an instant of 17 digits"],
  ["--at", "2020-01-01", "The timeline begins with"],
])("%s %s is refused with what is there", async (option, value, sentence) => {
  const { path } = await tableOfThree();
  await expect(lake(["rows", path, option, value])).rejects.toThrow(sentence);
});
