/**
 * Every page there is, once: pictures are taken of them (screenshots.mjs), rules of accessibility are checked on them, and hostile
 * text is sent through them (tests/e2e). A route file that no line here names fails a test.
 *
 * `{…}` in a path is something of the data, found by `samplesOf`.
 */

/**
 * @typedef {object} ListedPage
 * @property {string} name      of its pictures
 * @property {string} route     its file below src/routes
 * @property {string} path
 * @property {number} [status]  of the answer; 200 unless told
 * @property {boolean} [isLive] it follows: the age of its data stands in the state line once it does
 */

/** @type {readonly ListedPage[]} */
export const PAGES = [
  { name: "on-call", route: "index.tsx", path: "/", isLive: true },
  { name: "on-call-past", route: "index.tsx", path: "/?at={before}" },
  { name: "on-call-open-past", route: "index.tsx", path: "/?open.batch={batch}&at={instant}" },
  { name: "feed", route: "feeds/[feed]/index.tsx", path: "/feeds/{feed}", isLive: true },
  {
    name: "feed-filtered",
    route: "feeds/[feed]/index.tsx",
    path: "/feeds/{feed}?status=FAILED&pipelineName!=invoices&from=-2h",
    isLive: true,
  },
  { name: "feed-nothing", route: "feeds/[feed]/index.tsx", path: "/feeds/{feed}?q=nothing+has+this", isLive: true },
  {
    name: "feed-open",
    route: "feeds/[feed]/index.tsx",
    path: "/feeds/{feed}?open.batch={batch}",
    isLive: true,
  },
  { name: "feed-past", route: "feeds/[feed]/index.tsx", path: "/feeds/{feed}?at={before}" },
  { name: "dead-letters", route: "feeds/[feed]/dead-letters/index.tsx", path: "/feeds/{feed}/dead-letters" },
  { name: "instant", route: "feeds/[feed]/instants/[instant]/index.tsx", path: "/feeds/{feed}/instants/{instant}" },
  { name: "difference", route: "difference/index.tsx", path: "/difference?at={before}&vs={instant}&show=batches" },
  { name: "differences", route: "feeds/[feed]/differences/index.tsx", path: "/feeds/{feed}/differences" },
  { name: "search", route: "search/index.tsx", path: "/search" },
  { name: "search-found", route: "search/index.tsx", path: "/search?q=e" },
  { name: "pins", route: "feeds/[feed]/pins/index.tsx", path: "/feeds/{feed}/pins" },
  { name: "batch", route: "batches/[correlationId]/index.tsx", path: "/batches/{batch}", isLive: true },
  {
    name: "batch-compared",
    route: "batches/[correlationId]/index.tsx",
    path: "/batches/{batch}?with={batch}",
    isLive: true,
  },
  { name: "batch-past", route: "batches/[correlationId]/index.tsx", path: "/batches/{batch}?at={instant}" },
  { name: "problems", route: "problems/index.tsx", path: "/problems" },
  { name: "problem", route: "problems/[id]/index.tsx", path: "/problems/{problem}" },
  { name: "lake", route: "lake/[feed]/index.tsx", path: "/lake/{feed}" },
  { name: "lake-instant", route: "lake/[feed]/[instant]/index.tsx", path: "/lake/{feed}/{instant}" },
  { name: "charts", route: "charts/index.tsx", path: "/charts" },
  { name: "charts-past", route: "charts/index.tsx", path: "/charts?at={before}" },
  { name: "reliability", route: "reliability/index.tsx", path: "/reliability" },
  { name: "reliability-past", route: "reliability/index.tsx", path: "/reliability?at={instant}" },
  { name: "pipelines", route: "pipelines/index.tsx", path: "/pipelines", isLive: true },
  { name: "pipelines-past", route: "pipelines/index.tsx", path: "/pipelines?q=o&at={instant}" },
  { name: "pipeline", route: "pipelines/[name]/index.tsx", path: "/pipelines/{pipeline}", isLive: true },
  { name: "pipeline-past", route: "pipelines/[name]/index.tsx", path: "/pipelines/{pipeline}?at={instant}" },
  { name: "dashboards", route: "dashboards/index.tsx", path: "/dashboards" },
  { name: "dashboard", route: "dashboards/[id]/index.tsx", path: "/dashboards/{dashboard}" },
  { name: "status", route: "status/index.tsx", path: "/status" },
  { name: "preferences", route: "settings/preferences/index.tsx", path: "/settings/preferences" },
  { name: "saved-views", route: "settings/views/index.tsx", path: "/settings/views" },
  { name: "owners", route: "settings/pipelines/index.tsx", path: "/settings/pipelines" },
  { name: "account", route: "settings/account/index.tsx", path: "/settings/account" },
  { name: "people", route: "settings/people/index.tsx", path: "/settings/people" },
  { name: "tokens", route: "settings/tokens/index.tsx", path: "/settings/tokens" },
  { name: "audit", route: "settings/audit/index.tsx", path: "/settings/audit" },
  { name: "sign-in", route: "sign-in/index!.tsx", path: "/sign-in" },
  { name: "welcome", route: "welcome/index!.tsx", path: "/welcome?token=used" },
  { name: "invitation", route: "invitations/[token]/index!.tsx", path: "/invitations/used", status: 404 },
  { name: "missing", route: "error/index.tsx", path: "/nothing/here", status: 404 },
  { name: "gone", route: "error/index.tsx", path: "/feeds/{feed}?at=2020-01-01", status: 410 },
];

/**
 * The address of a page, or null when the data has none of what it is about.
 *
 * @param {ListedPage} page
 * @param {Readonly<Record<string, string | undefined>>} samples
 * @returns {string | null}
 */
export function addressOf({ path }, samples) {
  let isThere = true;
  const address = path.replace(/\{(\w+)\}/g, (_whole, name) => {
    const sample = samples[name];
    if (sample === undefined) isThere = false;
    return encodeURIComponent(sample ?? "");
  });
  return isThere ? address : null;
}

/**
 * What the pages can be about, from a server's own API. What it does not have is undefined.
 *
 * @param {string} origin `http://127.0.0.1:3000`
 * @returns {Promise<Record<string, string | undefined>>}
 */
export async function samplesOf(origin) {
  const ask = async (path) => {
    const answer = await fetch(origin + path, { headers: { accept: "application/json" } });
    return answer.ok ? answer.json() : {};
  };
  const [{ feeds = [] }, problems, batches, pipelines, { dashboards = [] }] = await Promise.all([
    ask("/api/v1/feeds"),
    ask("/api/v1/views/problems/rows?limit=50"),
    ask("/api/v1/views/batches/rows?limit=1&failed!=0"),
    ask("/api/v1/views/pipelines/rows?limit=1"),
    ask("/api/v1/dashboards"),
  ]);
  const feed = feeds[0]?.feed;
  const { instants = [] } = feed === undefined ? {} : await ask(`/api/v1/feeds/${feed}/timeline?limit=40`);
  const commits = instants.filter(({ state, position }) => state === "COMPLETED" && position !== null);
  return {
    feed,
    instant: commits[0]?.instant,
    before: commits[Math.min(commits.length - 1, 10)]?.instant,
    problem: (problems.rows?.find(({ state }) => state !== "recovered") ?? problems.rows?.[0])?.id,
    batch: batches.rows?.[0]?.correlationId,
    pipeline: pipelines.rows?.[0]?.pipelineName,
    dashboard: dashboards[0]?.id,
  };
}
