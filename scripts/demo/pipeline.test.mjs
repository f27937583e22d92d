import { describe, expect, it } from "vitest";
import { recordingClock } from "./clocks.mjs";
import { batchesOf, Lane } from "./lane.mjs";
import { DataError } from "./pipeline.mjs";

/** Runs `batches` batches of a pipeline of one stage and gives what it told, shortest form. */
async function told(run, { batches = 1, oneEventPerStatus = false } = {}) {
  const events = [];
  const pipeline = { name: "p", short: "p", oneEventPerStatus, packagesPerBatch: 1, stages: [{ name: "s", run }] };
  const lane = new Lane(pipeline, batchesOf(pipeline, [{ name: "@scope/one", folder: "/" }], "run"));
  const env = {
    clock: recordingClock(1_800_000_000_000),
    turn: async () => {},
    emit: async (event) => void events.push(event),
    folder: "/work",
    host: "h",
    labels: {},
    itemPauseMs: 400,
    stagePauseMs: 0,
  };
  for (let i = 0; i < batches; i++) await lane.runOne(env);
  return events;
}

const short = (events) =>
  events.map((it) => `${it.correlationId} ${it.attempt} ${it.status} ${it.errorMessage ?? ""}`.trim());

describe("a pipeline of the demo", () => {
  it("tells an attempt as versions of one event", async () => {
    const events = await told(async () => ({ source: 2, processed: 1, output: null }));
    expect(short(events)).toEqual(["p-run-0001 1 STARTED", "p-run-0001 1 COMPLETED"]);
    expect(new Set(events.map((it) => it.eventId)).size).toBe(1);
    expect(new Set(events.map((it) => it.eventTimestamp)).size).toBe(1);
    expect([events[1].sourceRecordCount, events[1].processedRecordCount]).toEqual([2, 1]);
  });

  it("tells an attempt as one event per status where a pipeline does so", async () => {
    const events = await told(async () => ({ output: null }), { oneEventPerStatus: true });
    expect(new Set(events.map((it) => it.eventId)).size).toBe(2);
  });

  it("tries again what failed, naming the error that it answers", async () => {
    const run = async (_input, { attempt }) => {
      if (attempt < 3) throw new Error(`busy ${attempt}`);
      return { output: null };
    };
    expect(short(await told(run))).toEqual([
      "p-run-0001 1 STARTED",
      "p-run-0001 1 FAILED busy 1",
      "p-run-0001 2 RETRYING busy 1",
      "p-run-0001 2 FAILED busy 2",
      "p-run-0001 3 RETRYING busy 2",
      "p-run-0001 3 COMPLETED",
    ]);
  });

  it("does not try again when the data is at fault", async () => {
    const run = async () => {
      throw new DataError("no licence");
    };
    expect(short(await told(run))).toEqual(["p-run-0001 1 STARTED", "p-run-0001 1 FAILED no licence"]);
  });

  it("comes back to a batch that failed for good, with the attempts counted on", async () => {
    const run = async (_input, { attempt }) => {
      if (attempt < 4) throw new Error("gone");
      return { output: null };
    };
    const lines = short(await told(run, { batches: 4 }));
    expect(lines).toContain("p-run-0001 4 COMPLETED");
  });

  it("tells progress at growing distances", async () => {
    const events = await told(async (_input, work) => {
      for (let i = 1; i <= 20; i++) await work.item({ source: 20, processed: i });
      return { processed: 20, output: null };
    });
    expect(events.filter((it) => it.status === "RUNNING").map((it) => it.processedRecordCount)).toEqual([3, 8, 18]);
  });
});
