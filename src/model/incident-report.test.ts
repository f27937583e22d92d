import MarkdownIt from "markdown-it";
import { describe, expect, it } from "vitest";
import { HOSTILE } from "../../tests/support/hostile-text";
import { incidentMarkdown, type IncidentReport } from "./incident-report";
import { codeBlock, codeSpan } from "./markdown-text";

const ORIGIN = "https://weir.example.org";
const AT = Date.UTC(2026, 10, 21, 10, 2);

/** Markdown as it is written by nobody careful: a message that opens and closes everything. */
const MARKDOWN = [
  "`` ``` ```` x",
  "```\n</code></pre><script>window.pwned=1</script>\n# heading\n```",
  "~~~\n[a](javascript:alert(1)) ![b](https://example.org/b.png)\n~~~",
  "`",
  "``",
  " ` ",
  "\\`",
  "- list\n1. list\n> quote\n| a | b |\n|---|---|",
  "www.example.org https://example.org/ mailto:a@example.org <https://example.org/>",
  "[x]: https://example.org/ 'title'",
  "\n\n\n",
  "",
];

function reportOf(text: string): IncidentReport {
  return {
    problem: {
      ...{ id: "p1", pipelineName: text, stageName: text, error: text, reason: text, pattern: text, lastBatch: text },
      ...{ state: "failing", firstSeen: AT, lastSeen: AT + 60_000, since: AT, recoveredAt: null },
      ...{ count: 2, batches: 1, episodes: 1, trend: [] },
    },
    feedTitle: text,
    message: text,
    asOf: AT + 120_000,
    batches: [{ id: text, url: `${ORIGIN}/batches/${encodeURIComponent(text)}?at=20261121100200000` }],
    batchesInAll: 3,
    steps: [{ at: AT, status: "FAILED", batch: text, attempt: 1 }],
    stepsLeftOut: 4,
    links: [{ label: "On-call page then", url: `${ORIGIN}/?at=20261121100200000`, pinned: true }],
    people: {
      marks: [{ kind: "acknowledgement", by: text, reason: text, createdAt: AT, endedAt: null }],
      notes: [{ by: text, at: AT, text }],
    },
  };
}

/** What a renderer that lets everything through makes of it. */
function rendered(markdown: string) {
  const md = new MarkdownIt("default", { html: true, linkify: true });
  const tokens = md.parse(markdown, {}).flatMap((token) => [token, ...(token.children ?? [])]);
  return {
    types: new Set(tokens.map(({ type }) => type)),
    links: tokens.filter(({ type }) => type === "link_open").map((token) => token.attrGet("href")!),
    headings: tokens.filter(({ type }) => type === "heading_open").length,
    code: tokens.filter(({ type }) => type === "code_inline" || type === "fence").map(({ content }) => content),
  };
}

describe("the report of an incident", () => {
  it.each([...HOSTILE, ...MARKDOWN])("shows %j as text and as nothing else (invariant 8)", (text) => {
    const { types, links, headings } = rendered(incidentMarkdown(reportOf(text)));
    expect(types).not.toContain("html_block");
    expect(types).not.toContain("html_inline");
    expect(types).not.toContain("image");
    expect(links).toHaveLength(2);
    for (const link of links) expect(String(link).startsWith(`${ORIGIN}/`)).toBe(true);
    expect(headings).toBe(6);
  });

  it("tells what happened to whom, since when, and what is of the moment of the report", () => {
    const markdown = incidentMarkdown(reportOf("timeout"));
    expect(markdown).toContain("# Incident: `timeout` › `timeout`");
    expect(markdown).toContain("- First failure: 2026-11-21 10:02:00 UTC");
    expect(markdown).toContain("- Recovered: not yet");
    expect(markdown).toContain("- and 2 more");
    expect(markdown).toContain("- 2026-11-21 10:02:00 UTC FAILED, batch `timeout`, attempt 1");
    expect(markdown).toContain("Acknowledgements and notes are of the moment of this report");
    expect(markdown).toContain(`[On-call page then](<${ORIGIN}/?at=20261121100200000>), pinned: it works for good`);
  });
});

describe("text in code", () => {
  it("is the text itself, whatever fences are in it", () => {
    for (const text of ["a `b` c", "``", "```js\nx\n```"]) {
      expect(rendered(codeBlock(text)).code).toEqual([`${text}\n`]);
      expect(rendered(codeSpan(text)).code).toEqual([text.replaceAll("\n", " ")]);
    }
  });

  it("names the characters that nobody sees, and ends where it is too long", () => {
    expect(codeSpan("a\u202Eb\u0007")).toBe("`a\\u202eb\\u0007`");
    expect(codeSpan("x".repeat(600))).toHaveLength(503);
  });
});
