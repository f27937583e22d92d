import { describe, expect, it } from "vitest";
import { attemptFields } from "~/model/attempt";
import type { PipelineSummary } from "~/model/pipeline";
import type { Problem } from "~/model/problem";
import { AttemptFold } from "~/model/view-fold";
import { eventRow, pipelineFeed } from "../../../tests/support/pipeline-feed";
import type { Around } from "./around";
import { panelsOf, type OnCallState } from "./panels";
import { factsOf } from "./pipeline-facts";

const NOW = Date.parse("2026-11-21T10:15:00Z");
const MINUTE_MS = 60_000;
const around: Around = { now: NOW, zone: "UTC", at: null, feedHref: "/feeds/pipeline_events", feed: null, pipelinesHref: "/pipelines" }; // prettier-ignore
/** As after weeks of runs every ten minutes. */
const usual = {
  of: () => ({
    firstSeenAt: NOW - 20 * 86_400_000,
    every: { median: 10 * MINUTE_MS, spread: MINUTE_MS },
    everySource: "all hours" as const,
    duration: { median: 30_000, spread: 5_000 },
    rows: null,
  }),
};
const event = (pipelineName: string, status: string, at: number) =>
  eventRow({ eventId: `${pipelineName} ${status} ${at}`, correlationId: `${pipelineName} ${at}`, pipelineName, status, eventTimestamp: at, errorMessage: status === "FAILED" ? "no space left" : null }); // prettier-ignore

/** One that fails, one that ended 42 minutes ago and did not come again, one whose run fell silent, one that is on time. */
function known(): OnCallState {
  const rows = [
    event("fails", "FAILED", NOW - MINUTE_MS),
    event("<b>gone</b>", "COMPLETED", NOW - 42 * MINUTE_MS),
    event("stuck", "STARTED", NOW - 30 * MINUTE_MS),
    event("well", "COMPLETED", NOW - MINUTE_MS),
  ];
  const fold = new AttemptFold(attemptFields(pipelineFeed)!, rows, { usual });
  return {
    problems: fold.problems().filter(({ state }: Problem) => state !== "recovered"),
    pipelines: fold.pipelines().map((pipeline: PipelineSummary) => factsOf(pipeline)),
    marks: [],
    owners: [{ pipelineName: "stuck", owner: "data-in", runbookUrl: "https://x.test/{pipeline}", logsTemplate: null, rerunTemplate: null }], // prettier-ignore
    sort: "worst",
    states: [],
  };
}

const listed = (state: OnCallState, at: Partial<Around> = {}) =>
  panelsOf(state, { ...around, ...at }, () => null).problems;

describe("what is listed as a problem", () => {
  it("is what fails, then pipelines that nothing is heard of, the lost before the silent", () => {
    const { rows, about } = listed(known());
    const text = rows.map(({ markup }) => markup.replaceAll(/<[^>]*>/g, "|"));
    expect(text).toHaveLength(3);
    expect(text[0]).toContain("fails");
    expect(text[1]).toMatch(/lost.*stuck.*nothing heard for 30 min/);
    expect(text[2]).toMatch(/silent.*&lt;b&gt;gone&lt;\/b&gt;.*42 min \(usual 10 ± 1\)/);
    expect(about).toBe("1 problem, 1 lost, 1 silent");
  });

  it("names whose pipeline it is, and leads to it and to the page before it fell silent (invariant 8)", () => {
    const [, lost, silent] = listed(known()).rows.map(({ markup }) => markup);
    expect(lost).toContain("data-in");
    expect(lost).toContain("https://x.test/stuck");
    expect(silent).toContain('href="/pipelines/%3Cb%3Egone%3C%2Fb%3E"');
    expect(silent).toMatch(/href="\/\?at=2026-11-21T09:\d\d:\d\d/);
    expect(silent).not.toContain("<b>gone");
  });

  it("ends with what somebody has muted, which does not count", () => {
    const state = known();
    const mark = { kind: "mute" as const, problemId: state.problems[0]!.id, reason: "known", by: "Ana", expiresAt: NOW + MINUTE_MS }; // prettier-ignore
    const { rows, about } = listed({ ...state, marks: [mark] });
    expect(rows.at(-1)!.markup).toContain("fails");
    expect(about).toBe("1 lost, 1 silent, 1 muted");
  });

  it("has nothing of them before they are late, and in their first day", () => {
    expect(listed(known(), { now: NOW - 29 * MINUTE_MS }).about).toBe("1 problem");
    const state = known();
    const pipelines = state.pipelines.map((facts) => ({ ...facts, firstSeenAt: NOW - 23 * 60 * MINUTE_MS }));
    expect(listed({ ...state, pipelines }).about).toBe("1 problem");
  });
});
