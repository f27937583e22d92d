import { describe, expect, it } from "vitest";
import { HOSTILE } from "../../../../tests/support/hostile-text";
import { noteMarkup } from "./note-markup";

describe("a note", () => {
  it("is Markdown, with headings below the title of its panel", () => {
    expect(noteMarkup("# One\n\n### Three\n\n- **a**\n- `b`")).toBe(
      "<h3>One</h3>\n<h4>Three</h4>\n<ul>\n<li><strong>a</strong></li>\n<li><code>b</code></li>\n</ul>\n",
    );
  });

  it("links to http and https only, and tells nobody where from", () => {
    expect(noteMarkup("[a](https://example.org/x)")).toBe(
      '<p><a href="https://example.org/x" rel="noopener noreferrer">a</a></p>\n',
    );
    for (const url of [
      "javascript:alert(1)",
      "data:text/html,x",
      "JaVaScRiPt:alert(1)",
      "vbscript:x",
      "//evil.example",
      "/local",
      "file:///etc",
      "https://user:pass@example.org/",
    ])
      // prettier-ignore
      for (const text of [`[a](${url})`, `[a](<${url}>)`, `<${url}>`, `![a](${url})`, `[a]: ${url}\n\n[a]`])
        expect(noteMarkup(text), text).not.toMatch(/<(a|img)\b/);
  });

  it.each(HOSTILE)("has no elements of others: %j", (text) => {
    for (const written of [text, `# ${text}`, `\`${text}\``, `[x](${text})`, `[${text}](https://example.org/)`, `| ${text} |\n|---|\n| ${text} |`]) // prettier-ignore
      expect(noteMarkup(written)).not.toMatch(/<(?!\/?(p|h[3-6]|a|code|pre|em|strong|s|ul|ol|li|blockquote|br|hr|table|thead|tbody|tr|th|td)\b)[a-z!/]|<[^>]*\son\w+\s*=|href="(?!https?:)/i); // prettier-ignore
  });
});
