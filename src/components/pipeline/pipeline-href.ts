/** Where the page of a pipeline is. Names are any text, so the address is made here and nowhere else. */

const URL_SAFE = /^[\w-][\w.-]*$/;
const LONE_SURROGATE = /[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/g;
/** Segments that browsers and servers fold away, also in their escaped form. */
const FOLDED = /^\.{0,2}$/;

/** What stands in the path for a name that no path can carry; the name is then the parameter `name`. */
export const NAMELESS = "~";

/**
 * @param at the time that the page is of, null = the present
 * @param feed null = the reader's only one that has pipelines
 */
export function pipelineHref(name: string, at: string | null, feed: string | null = null): string {
  const isFolded = FOLDED.test(name);
  const segment = isFolded ? NAMELESS : URL_SAFE.test(name) ? name : encoded(name);
  const query = [
    isFolded ? `name=${encodeURIComponent(name)}` : "",
    feed === null ? "" : `feed=${encodeURIComponent(feed)}`,
    at === null ? "" : `at=${encodeURIComponent(at)}`,
  ].filter((part) => part !== "");
  return `/pipelines/${segment}${query.length > 0 ? `?${query.join("&")}` : ""}`;
}

const encoded = (name: string): string => encodeURIComponent(name.replace(LONE_SURROGATE, "\uFFFD"));

/** The name that an address means. @param segment the decoded segment of the path */
export const nameIn = (segment: string, query: URLSearchParams): string =>
  segment === NAMELESS ? (query.get("name") ?? segment) : segment;
