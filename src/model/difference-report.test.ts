import MarkdownIt from "markdown-it";
import { describe, expect, it } from "vitest";
import { HOSTILE } from "../../tests/support/hostile-text";
import type { BatchSummary } from "./batch";
import { differenceMarkdown, type DifferenceReport } from "./difference-report";
import { summarise, type Changed } from "./difference-summary";
import type { Problem } from "./problem";
import { summaryToRow } from "./view";

const ORIGIN = "https://weir.example.org";
const AT = Date.UTC(2026, 10, 21, 10, 2);

const problem = (text: string, more: Partial<Problem> = {}): Problem => ({
  ...{ id: "p1", pipelineName: text, stageName: text, error: text, reason: text, pattern: text, lastBatch: text },
  ...{ state: "failing", firstSeen: AT, lastSeen: AT + 60_000, since: AT, recoveredAt: null },
  ...{ count: 2, batches: 1, episodes: 1, trend: [], ...more },
});

const batch = (text: string): BatchSummary => ({
  ...{ correlationId: text, pipelines: [text], state: "failed", startedAt: AT, endedAt: null, attempts: 1, failed: 1 },
  ...{ rowsIn: null, rowsOut: null, quality: null, worstStage: null },
});

const before = (text: string, id: string) => summaryToRow("problems", problem(text, { id }));

function reportOf(text: string): DifferenceReport {
  const problems: Changed<Problem>[] = [
    { kind: "newlyFailing", before: null, after: problem(text) },
    {
      kind: "recovered",
      before: problem(text, { id: "p2" }),
      after: problem(text, { id: "p2", state: "recovered", recoveredAt: AT + 90_000, count: 5 }),
    },
    { kind: "disappeared", before: problem(text, { id: "p3" }), after: null },
  ];
  const batches: Changed<BatchSummary>[] = [{ kind: "newlyFailing", before: null, after: batch(text) }];
  const url = (path: string) => `${ORIGIN}${path}?at=20261121100200000`;
  return {
    feedTitle: text,
    ...{ from: AT, to: AT + 3_600_000, asOf: AT + 7_200_000, changed: 12 },
    summary: summarise([before(text, "p2"), before(text, "p3")], problems, batches),
    ...{ problems, batches },
    urls: {
      problem: (id) => url(`/problems/${id}`),
      pipeline: (name) => url(`/pipelines/${encodeURIComponent(name)}`),
      batch: (id) => url(`/batches/${encodeURIComponent(id)}`),
    },
    links: [
      { label: "On-call page at the beginning", url: url("/"), pinned: true },
      { label: "On-call page at the end", url: url("/"), pinned: false },
    ],
    people: [
      {
        about: problem(text),
        said: {
          marks: [{ kind: "acknowledgement", by: text, reason: text, createdAt: AT, endedAt: null }],
          notes: [{ by: text, at: AT, text }],
        },
      },
    ],
  };
}

describe("the report of a difference", () => {
  it.each([...HOSTILE, "```\n</pre><script>x</script>\n# heading\n```", "`` [a](javascript:alert(1)) ![b](//c)"])(
    "shows %j as text and as nothing else (invariant 8)",
    (text) => {
      const md = new MarkdownIt("default", { html: true, linkify: true });
      const tokens = md.parse(differenceMarkdown(reportOf(text)), {}).flatMap((token) => [token, ...(token.children ?? [])]); // prettier-ignore
      const types = new Set(tokens.map(({ type }) => type));
      expect(["html_block", "html_inline", "image"].filter((type) => types.has(type))).toEqual([]);
      const links = tokens.filter(({ type }) => type === "link_open").map((token) => token.attrGet("href")!);
      expect(links).toHaveLength(6);
      for (const link of links) expect(String(link).startsWith(`${ORIGIN}/`)).toBe(true);
      expect(tokens.filter(({ type }) => type === "heading_open")).toHaveLength(10);
    },
  );

  it("tells both ends, what changed by kind, and which links work for good", () => {
    const markdown = differenceMarkdown(reportOf("orders"));
    expect(markdown).toContain("- From: 2026-11-21 10:02:00 UTC");
    expect(markdown).toContain("- To: 2026-11-21 11:02:00 UTC, 1 h 0 min later");
    expect(markdown).toContain("- Problems: 1 newly failing, 1 recovered, 1 disappeared; 0 failed at both");
    expect(markdown).toContain("### Recovered (1)\n\n- `orders` › `orders`: `orders` (first failure 2026-11-21 10:02:00 UTC; recovered 2026-11-21 10:03:30 UTC; 5 failures in 1 batch, 3 more) [page](<https://weir.example.org/problems/p2?at=20261121100200000>)"); // prettier-ignore
    expect(markdown).toContain("- `orders`: failing; problems: 1 newly failing");
    expect(markdown).toContain("- `orders` of `orders`, begun 2026-11-21 10:02:00 UTC [page]");
    expect(markdown).toContain("acknowledgement by `orders`: `orders`");
    expect(markdown).toContain("at the beginning](<https://weir.example.org/?at=20261121100200000>), pinned: it works for good"); // prettier-ignore
    expect(markdown).toContain("not pinned: it works as long as the instant is kept");
  });

  it("says what is empty, unknown and left out", () => {
    const many = Array.from({ length: 30 }, (_, i): Changed<Problem> => ({ kind: "appeared", before: null, after: problem("a", { id: `p${i}`, state: "retrying" }) })); // prettier-ignore
    const empty = { ...reportOf("a"), problems: [], batches: [], summary: summarise([], [], []), links: [] };
    const markdown = differenceMarkdown({ ...empty, from: null, changed: null, people: null });
    for (const said of [
      "- From: before the first commit",
      "- Rows new or changed: no longer known",
      "No problem changed.",
      "Nothing changed in any.",
      "## Batches that failed\n\nNone.",
      "could not be read",
    ])
      expect(markdown).toContain(said);
    expect(differenceMarkdown({ ...empty, problems: many, people: [] })).toContain("- and 5 more");
    expect(differenceMarkdown({ ...empty, people: [] })).toContain("Nobody acknowledged or noted anything");
  });
});
