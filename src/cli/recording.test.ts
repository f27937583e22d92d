import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { feedFromSchema } from "../model/feed-from-schema";
import type { Row } from "../model/value";
import { stepsOf } from "./recording";

const schema: unknown = JSON.parse(readFileSync(new URL("../../avro/PipelineEvent.avsc", import.meta.url), "utf8"));
const feed = feedFromSchema(schema, () => "0");
const event = (id: string, eventAt: number, updatedAt: number): Row =>
  feed.fields.map(({ name }) =>
    name === "eventId" ? id : name === "eventTimestamp" ? eventAt : name === "lastUpdatedAt" ? updatedAt : null,
  );

describe("a recording", () => {
  it("ends where it is told to, with all distances kept", () => {
    const steps = stepsOf(feed, [event("a", 1_000, 5_000), event("b", 2_000, 3_000)], 100_000);
    const rows = steps.flatMap((step) => step.rows);
    expect(rows).toEqual([event("b", 97_000, 98_000), event("a", 96_000, 100_000)]);
  });

  it("is cut into steps that rise in time, each at or after everything in it, the last at the end", () => {
    const rows = Array.from({ length: 1_000 }, (_, i) => event(`e${i}`, i * 86_400, i * 86_400));
    const steps = stepsOf(feed, rows, 1e12);
    expect(steps.length).toBeLessThanOrEqual(288);
    expect(steps.flatMap((step) => step.rows)).toHaveLength(1_000);
    for (const [i, step] of steps.entries()) {
      expect(step.at).toBeGreaterThan(steps[i - 1]?.at ?? 0);
      for (const row of step.rows) expect(row[feed.ordering]).toBeLessThanOrEqual(step.at);
    }
    expect(steps.at(-1)!.at).toBe(1e12);
  });

  it("of nothing is nothing", () => {
    expect(stepsOf(feed, [], 1)).toEqual([]);
  });
});
