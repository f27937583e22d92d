import { describe, expect, it } from "vitest";
import { ageLine, type DataAge } from "./data-age";

const C = Date.parse("2026-11-21T10:15:00.000Z");
const age = (more: Partial<DataAge>): DataAge => ({
  link: "live",
  committedAt: C,
  newestEventAt: C - 1_400,
  silentSince: null,
  waitingSince: null,
  now: C + 2_000,
  ...more,
});
const text = (more: Partial<DataAge>) => {
  const { label, asOf, detail } = ageLine(age(more));
  return [label, asOf, detail].filter(Boolean).join(" · ");
};

describe("the age of the data (invariant 7)", () => {
  it("names the commit and how far it is behind the events", () => {
    expect(text({})).toBe("Live · as of 10:15:00 UTC · 1.4 s behind events");
  });

  it("tells how old the newest commit is while the page follows, once that is worth a number", () => {
    expect(text({ now: C + 9_000 })).toBe("Live · as of 10:15:00 UTC · 1.4 s behind events");
    expect(text({ now: C + 42_000 })).toBe("Live · as of 10:15:00 UTC, 42 s ago · 1.4 s behind events");
    expect(text({ link: "paused", now: C + 240_000 })).toMatch(/^Paused · as of 10:15:00 UTC, 4 min ago/);
  });

  it("tells a broken link by the time without contact", () => {
    expect(text({ link: "reconnecting", silentSince: C, now: C + 34_000 })).toBe(
      "Reconnecting · as of 10:15:00 UTC · no contact for 34 s",
    );
  });

  it("tells a stalled engine by the events that wait", () => {
    const line = ageLine(age({ link: "stalled", waitingSince: C, now: C + 58_000 }));
    expect(line).toMatchObject({ label: "Stalled", late: true });
    expect(line.detail).toBe("accepted events have waited for a commit for 58 s");
  });

  it("tells late pipelines by the age of the newest event while the link is fine", () => {
    const line = ageLine(age({ now: C + 12 * 60_000 }));
    expect(line).toMatchObject({ label: "Live", late: true, detail: "no newer event for 12 min" });
  });

  it("does not count from now on a page of the past", () => {
    expect(text({ link: "past", now: C + 86_400_000 })).toBe(
      "Past · as of 2026-11-21 10:15:00 UTC · 1.4 s behind events",
    );
  });

  it("never shows a negative age when a publisher's clock runs ahead", () => {
    expect(text({ newestEventAt: C + 5_000 })).toBe("Live · as of 10:15:00 UTC · 0.0 s behind events");
  });

  it("says so when there is no event yet", () => {
    expect(text({ committedAt: null, newestEventAt: null })).toBe("Live · no event yet");
  });
});
