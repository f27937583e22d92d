import { describe, expect, it } from "vitest";
import { attemptFields } from "~/model/attempt";
import { healthOf } from "~/model/pipeline-health";
import type { PipelineSummary } from "~/model/pipeline";
import { AttemptFold } from "~/model/view-fold";
import { eventRow, pipelineFeed } from "../../../tests/support/pipeline-feed";
import { randomEvent } from "../../../tests/support/pipeline-event";
import { seededRandom } from "../../../tests/support/random";
import { factsOf, packFacts, unpackFacts } from "./pipeline-facts";

/** As after weeks of runs every ten minutes. */
const usualOfTests = {
  of: () => ({
    firstSeenAt: NOW - 20 * 86_400_000,
    every: { median: 600_000, spread: 60_000 },
    everySource: "all hours" as const,
    duration: { median: 30_000.5, spread: 5_000 },
    rows: { median: 25_000, spread: 9_000 },
  }),
};
const NOW = Date.parse("2026-11-21T10:15:00Z");

describe("what a browser knows of pipelines that it does not show (invariant 4)", () => {
  it("says the same of their health at every later moment as the whole row", () => {
    const random = seededRandom(11);
    const events = Array.from({ length: 600 }, (_, i) =>
      randomEvent(random, `e-${i}`, NOW - random.int(0, 3 * 86_400_000)),
    );
    const rows = events.map((event) => eventRow({ ...event }));
    const fold = new AttemptFold(attemptFields(pipelineFeed)!, rows, { usual: usualOfTests });
    const whole = fold.pipelines().map(factsOf) as PipelineSummary[];
    const known = unpackFacts(JSON.parse(JSON.stringify(packFacts(whole, NOW))) as ReturnType<typeof packFacts>);
    expect(whole.length).toBeGreaterThan(5);
    for (const [i, pipeline] of whole.entries())
      for (const after of [0, 60_000, 3_600_000, 86_400_000])
        expect(healthOf(known[i] as PipelineSummary, null, NOW + after)).toEqual(healthOf(pipeline, null, NOW + after));
  });
});
