/**
 * The state of a page that can be kept: its path and its query, checked by the parser that the page itself uses, so that a
 * kept view opens.
 */
import { AppError } from "../../model/app-error";
import { parseColumns } from "../../model/columns";
import type { Feed } from "../../model/feed";
import { parseAt, parseRowQuery, parseTime } from "../../model/row-query";
import { parseSort } from "../../model/row-sort";

export interface PageState {
  path: string;
  /** Without question mark, in the form in which browsers write it. */
  search: string;
}

const MAX_PATH = 500;
const MAX_SEARCH = 4_000;
const LIMITS = { limit: 100, maxLimit: 5_000, others: ["cols", "sort"] };
/** A place in a list, not a state of the page. */
const CURSOR = "after";
/** Pages that show something of everything: no columns to filter by. */
const OTHER_PAGES =
  /^\/(?:(?:pipelines|batches|problems|lake|dashboards)\/[^/]+|pipelines|problems|search|charts|reliability|difference|alerts)?$/;
/** What those pages take beside times: which feed, which part, how much of it. */
const WORDS = ["q", "limit", "feed", "state", "pipeline", "name", "all", "show", "kind", "range", "by", "sort"];

/**
 * @param now epoch ms, to check relative times by
 * @throws AppError bad-parameter, unknown-feed
 */
export function pageState(given: PageState, feeds: readonly Feed[], now: number): PageState {
  const path = checkedPath(given.path);
  const params = new URLSearchParams(given.search.slice(0, MAX_SEARCH + 1));
  params.delete(CURSOR);
  const search = params.toString();
  if (given.search.length > MAX_SEARCH || search.length > MAX_SEARCH)
    throw refused("search", `must have at most ${MAX_SEARCH} characters`);
  const feed = feedNameOf(path);
  if (feed !== null) {
    parseRowQuery(named(feeds, feed), params, now, LIMITS);
    parseColumns(named(feeds, feed), params.get("cols"));
    parseSort(named(feeds, feed), params.get("sort"));
  } else checkOtherPage(path, params, now);
  return { path, search };
}

/** The feed whose rows a page shows; null for pages of several. */
export function feedNameOf(path: string): string | null {
  const name = /^\/feeds\/([^/]+)$/.exec(path)?.[1];
  return name === undefined ? null : decodeURIComponent(name);
}

function checkedPath(path: string): string {
  const isPath = path.length <= MAX_PATH && /^\/(?![/\\])[^\s?#\\]*$/.test(path) && URL.canParse(path, "http://weir");
  if (!isPath || !isDecodable(path))
    throw refused("path", "must be the path of a page, such as /feeds/pipeline_events");
  // Dots and odd characters resolved as a browser would.
  return new URL(path, "http://weir").pathname;
}

function isDecodable(path: string): boolean {
  try {
    decodeURIComponent(path);
    return true;
  } catch {
    return false; // a URIError is the answer
  }
}

function named(feeds: readonly Feed[], name: string): Feed {
  const feed = feeds.find((one) => one.name === name);
  if (feed) return feed;
  throw new AppError("unknown-feed", `There is no feed ${JSON.stringify(name)}.`);
}

function checkOtherPage(path: string, params: URLSearchParams, now: number): void {
  if (!OTHER_PAGES.test(path)) throw refused("path", `${JSON.stringify(path)} is no page whose state can be kept`);
  for (const [name, value] of params) {
    if (name === "at" || name === "vs") parseAt(value, now);
    else if ((name !== "from" && name !== "to") || parseTime(value) === null) {
      if (!WORDS.includes(name))
        throw refused("search", `${JSON.stringify(name)}=${JSON.stringify(value)} is nothing that ${path} understands`);
    }
  }
}

const refused = (parameter: string, why: string): AppError =>
  new AppError("bad-parameter", `${parameter}: ${why}.`, { parameter });
