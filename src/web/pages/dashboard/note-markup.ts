/** Notes: Markdown without raw HTML and images; links lead to http and https only (invariant 8). */
import MarkdownIt from "markdown-it";
import { safeUrl } from "../../../components/ui/safe-url";

const markdown = new MarkdownIt("default", { html: false, linkify: false, typographer: false });
markdown.disable("image");
markdown.validateLink = (url) => safeUrl(url) !== null;

markdown.renderer.rules["link_open"] = (tokens, i, options, _, self) => {
  tokens[i]!.attrSet("rel", "noopener noreferrer");
  return self.renderToken(tokens, i, options);
};

/** The title of the panel is the second level of the page: headings begin with the third and skip none. */
const FIRST_LEVEL = 3;
const LAST_LEVEL = 6;

export function noteMarkup(text: string): string {
  const env = {};
  const tokens = markdown.parse(text, env);
  let before = FIRST_LEVEL - 1;
  for (const token of tokens) {
    if (token.type === "heading_open") {
      const wanted = Number(token.tag.slice(1)) + FIRST_LEVEL - 1;
      before = Math.min(wanted, before + 1, LAST_LEVEL);
    }
    if (token.type === "heading_open" || token.type === "heading_close") token.tag = `h${before}`;
  }
  return markdown.renderer.render(tokens, markdown.options, env);
}
