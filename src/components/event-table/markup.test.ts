import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Row } from "~/model/value";
import { escaped, rowBlocks } from "./markup";
import type { TableShape } from "./shape";

const T = Date.parse("2026-11-21T10:00:00Z");
const shape: TableShape = {
  feed: "f",
  schemaId: "s",
  key: 0,
  eventTime: 3,
  at: null,
  fields: [
    { name: "id", type: { kind: "string" } },
    { name: "correlationId", type: { kind: "string" } },
    { name: "status", type: { kind: "string" } },
    { name: "time", type: { kind: "timestamp", unit: "millis" } },
    { name: "records", type: { kind: "long" } },
    { name: "error", type: { kind: "string" } },
  ],
  columns: [
    { index: 1, label: "Correlation ID", kind: "batch" },
    { index: 2, label: "Status", kind: "status" },
    { index: 3, label: "Timestamp", kind: "time" },
    { index: 4, label: "Records", kind: "number" },
    { index: 5, label: "Error <b>", kind: "long" },
  ],
};

/** Everything between the tags that this file's own markup consists of. */
const OWN_TAGS =
  /<(?:div class="cv(?: part)?"|table|thead class="quiet"|th scope="col" class="k-\w+"|tbody|tr(?: id="_[\w.:~-]*")?|td(?: class="\w+")?|time|a href="\/batches\/[^"<>]*"|\/div|\/table|\/thead|\/tbody|\/time|\/a)>/g;

const markup = (...args: Parameters<typeof rowBlocks>) => [...rowBlocks(...args)].join("");

describe("rows as markup (invariant 8)", () => {
  it("hold no tag and no attribute that comes out of an event, whatever its text", () => {
    const text = fc.oneof(
      fc.array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 12 }).map((units) => String.fromCharCode(...units)),
      fc.string(),
      fc.constantFrom(
        "<script>alert(1)</script>",
        `"><img src=x onerror=alert(1)>`,
        "</table>",
        "'",
        "&lt;",
        "<!--",
        "..",
        "",
      ),
    );
    fc.assert(
      fc.property(text, text, text, text, (key, id, status, error) => {
        const html = markup(shape, [[key, id, status, T, 5, error]]);
        return !/[<>"']/.test(html.replace(OWN_TAGS, ""));
      }),
    );
  });

  it("escape what could end a text or an attribute", () => {
    expect(escaped(`<a href="x" b='y'>&amp;`)).toBe("&lt;a href=&quot;x&quot; b=&#39;y&#39;&gt;&amp;amp;");
  });

  it("are cut into blocks of 50, and there is a block even without rows", () => {
    const rows = Array.from({ length: 120 }, (_, i): Row => [`k${i}`, "c", "OK", T, null, null]);
    const blocks = (html: string) => html.split('<div class="cv').slice(1);
    expect(blocks(markup(shape, rows)).map((block) => block.match(/<tr id=/g)!.length)).toEqual([50, 50, 20]);
    expect(blocks(markup(shape, []))).toHaveLength(1);
  });

  it("lead to the batch at the time of the page", () => {
    const rows: Row[] = [["k", "a/b ?", "OK", T, 1_234_567, null]];
    expect(markup(shape, rows)).toContain('<a href="/batches/a%2Fb%20%3F">a/b ?</a>');
    const past = markup({ ...shape, at: "2026-11-21T09:00:00Z" }, rows);
    expect(past).toContain('href="/batches/a%2Fb%20%3F?at=2026-11-21T09%3A00%3A00Z"');
    expect(past).toContain("<td>1,234,567");
  });
});
