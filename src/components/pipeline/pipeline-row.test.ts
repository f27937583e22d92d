import { describe, expect, it } from "vitest";
import { eventRow, NINE, pipelineFeed } from "../../../tests/support/pipeline-feed";
import { HOSTILE } from "../../../tests/support/hostile-text";
import { attemptFields } from "~/model/attempt";
import { pipelineGrid } from "~/model/pipeline-grid";
import { healthOf } from "~/model/pipeline-health";
import { AttemptFold } from "~/model/view-fold";
import { againstUsual } from "./against-usual";
import { gridMarkup } from "./grid-markup";
import { nameIn, pipelineHref } from "./pipeline-href";
import { pipelineRow } from "./pipeline-row";
import { stripMarkup } from "./strip";

const fields = attemptFields(pipelineFeed)!;
const rowsOf = (pipelineName: string, count: number) =>
  Array.from({ length: count }, (_, i) =>
    eventRow({
      eventId: `e-${i}`,
      pipelineName,
      stageName: pipelineName,
      correlationId: `${pipelineName}${i}`,
      status: i % 3 === 2 ? "FAILED" : "COMPLETED",
      errorMessage: i % 3 === 2 ? pipelineName : null,
      eventTimestamp: NINE + i * 60_000,
      lastUpdatedAt: NINE + i * 60_000 + 5_000,
    }),
  );

describe("a pipeline as a row", () => {
  it("never lets a text of an event become markup (invariant 8)", () => {
    for (const text of [...HOSTILE, "x".repeat(400)]) {
      const rows = rowsOf(text, 3);
      const [summary] = new AttemptFold(fields, rows).pipelines();
      const about = { at: null, now: NINE + 3_600_000, feed: null, owner: text };
      const grid = pipelineGrid(fields, rows, { batches: 60, stages: 100 });
      const markup = pipelineRow(summary!, healthOf(summary!, null, about.now), about) + gridMarkup(grid, { pipelineName: text, at: null, now: NINE, zone: "UTC" }); // prettier-ignore
      const tags = [...markup.matchAll(/<([a-z0-9]+)/gi)].map(([, tag]) => tag!.toLowerCase());
      const known = ["tr", "th", "td", "a", "span", "svg", "path", "b", "time", "div", "table", "thead", "tbody", "i", "p"]; // prettier-ignore
      expect(tags.filter((tag) => !known.includes(tag))).toEqual([]);
      expect(markup.replace(/"[^"]*"/g, '""')).not.toMatch(/<[^>]*\son[a-z]+\s*=/i);
      expect(markup).not.toMatch(/href="(?!\/|#)/);
    }
  });

  it("says its last batches in shapes and in words", () => {
    const [summary] = new AttemptFold(fields, rowsOf("orders", 6)).pipelines();
    const strip = stripMarkup(summary!.recent);
    expect(strip).toContain("Last 6 batches: 4 completed, 2 failed; the newest failed");
    expect(strip.match(/<path/g)).toHaveLength(2);
    expect(stripMarkup([])).toContain("No batch");
  });

  it("tells what is notably other than usual, and only that", () => {
    expect(againstUsual("duration", 9_000, 8_000)).not.toMatch(/[▲▼]/);
    expect(againstUsual("duration", 20_000, 8_000)).toMatch(/wait diff">▲ 2\.5 ×/);
    expect(againstUsual("rows", 0, 100)).toMatch(/wait diff">▼ none/);
    expect(againstUsual("rows", 400, 100)).toMatch(/muted diff">▲ 4\.0 ×/);
    expect(againstUsual("rows", null, null)).toBe("");
  });
});

describe("the way to a pipeline", () => {
  it("leads back to any name", () => {
    for (const name of ["orders", "", ".", "..", "~", "a/b?c#d%", "x".repeat(400), "täglich 💩", ...HOSTILE]) {
      const url = new URL(pipelineHref(name, "2026-11-21T09:00:00Z", "feed"), "http://weir");
      const segment = decodeURIComponent(url.pathname.slice("/pipelines/".length));
      expect(nameIn(segment, url.searchParams)).toBe(name);
      expect(url.searchParams.get("at")).toBe("2026-11-21T09:00:00Z");
    }
  });
});
