/**
 * What each entrance of the program asks of who comes in: every handler, loader and action of every route file. An entrance
 * that is missing here fails a test, so that nobody adds one without saying who may use it.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { packageRoot } from "~/config";

/**
 * - `open`: anybody, also without signing in
 * - a role: whoever has it
 * - `every-feed-read`: whoever may read all feeds
 * - `feed-read`, `feed-write`: whoever has this right on the feed that is named (of several: sees those that they may)
 * - `operator+feed-read`, `operator+feed-write`: both
 */
export type Needs =
  | "open"
  | "viewer"
  | "operator"
  | "admin"
  | "every-feed-read"
  | "feed-read"
  | "feed-write"
  | "operator+feed-read"
  | "operator+feed-write";

/** Route file below `src/routes` → what it exports → what that needs. */
export const AUTHORISATION: Readonly<Record<string, Readonly<Record<string, Needs>>>> = {
  "layout.tsx": { useFrame: "viewer" },
  "index.tsx": { useOnCallPage: "feed-read" },
  "[...missing]/index.ts": { onRequest: "viewer" },
  "error/index.tsx": { onRequest: "viewer", useNotice: "viewer" },
  "sign-in/index!.tsx": { onPost: "open", useSignIn: "open" },
  "sign-in/oidc/index.ts": { onGet: "open" },
  "sign-out/index.ts": { onPost: "viewer" },
  "api/auth/callback/oidc/index.ts": { onGet: "open" },
  "welcome/index!.tsx": { onPost: "open", useWelcome: "open" },
  "invitations/[token]/index!.tsx": { onPost: "open", useInvitation: "open" },
  "settings/layout.tsx": { useSettingsFrame: "viewer" },
  "settings/index.ts": { onGet: "viewer" },
  "settings/account/index.tsx": { onPost: "viewer", useAccountPage: "viewer" },
  "settings/people/index.tsx": { onPost: "admin", usePeoplePage: "admin" },
  "api/v1/account/index.ts": { onGet: "viewer" },
  "api/v1/account/password/index.ts": { onPut: "viewer" },
  "api/v1/sessions/index.ts": { onGet: "viewer" },
  "api/v1/sessions/[id]/index.ts": { onDelete: "viewer" },
  "api/v1/users/index.ts": { onGet: "admin" },
  "api/v1/users/[id]/role/index.ts": { onPut: "admin" },
  "api/v1/users/[id]/feed-rights/index.ts": { onPut: "admin" },
  "api/v1/users/[id]/disabled/index.ts": { onPut: "admin" },
  // One's own are everybody's to see.
  "api/v1/users/[id]/sessions/index.ts": { onGet: "admin" },
  "api/v1/invitations/index.ts": { onGet: "admin", onPost: "admin" },
  "api/v1/invitations/[id]/index.ts": { onDelete: "admin" },
  "healthz/index.ts": { onGet: "open" },
  "readyz/index.ts": { onGet: "open" },
  "metrics/index.ts": { onGet: "every-feed-read" },
  "status/index.tsx": { useStatusPage: "viewer" },
  "theme/index.ts": { onPost: "viewer" },
  "feeds/[feed]/index.tsx": { useFeedPage: "feed-read" },
  "feeds/[feed]/differences/index.tsx": { useDifferencesPage: "feed-read" },
  "search/index.tsx": { useSearchPage: "feed-read" },
  "api/v1/search/index.ts": { onGet: "feed-read" },
  "api/v1/feeds/[feed]/differences/index.ts": { onGet: "feed-read" },
  "feeds/[feed]/instants/[instant]/index.tsx": { onPost: "operator+feed-read", useInstantPage: "feed-read" },
  "difference/index.tsx": { useDifferencePage: "feed-read" },
  "difference/incident/index.ts": { onGet: "feed-read", onPost: "operator+feed-read" },
  "problems/[id]/incident/index.ts": { onGet: "feed-read", onPost: "operator+feed-read" },
  "seen/index.ts": { onPost: "viewer" },
  "api/v1/feeds/[feed]/difference/index.ts": { onGet: "feed-read" },
  "feeds/[feed]/pins/index.tsx": { onPost: "operator+feed-read", usePinsPage: "feed-read" },
  "charts/index.tsx": { useChartsPage: "feed-read" },
  "lake/[feed]/index.tsx": { useLakePage: "feed-read" },
  "lake/[feed]/[instant]/index.tsx": { useTableInstantPage: "feed-read" },
  "feeds/[feed]/dead-letters/index.tsx": { onPost: "operator+feed-write", useDeadLettersPage: "feed-read" },
  "settings/views/index.tsx": { onPost: "viewer", useViewsPage: "viewer" },
  "settings/preferences/index.tsx": { onPost: "viewer", usePreferencesPage: "viewer" },
  "settings/tokens/index.tsx": { onPost: "admin", useTokensPage: "admin" },
  "settings/audit/index.tsx": { useAuditPage: "admin" },
  "settings/pipelines/index.tsx": { onPost: "operator", usePipelinesPage: "viewer" },
  "problems/index.tsx": { onGet: "feed-read", useProblemListPage: "feed-read" },
  "problems/[id]/index.tsx": { onPost: "operator+feed-read", useProblemPage: "feed-read" },
  "pipelines/index.tsx": { onGet: "feed-read", usePipelineListPage: "feed-read" },
  "pipelines/[name]/index.tsx": { usePipelinePage: "feed-read" },
  "reliability/index.tsx": { useReliabilityPage: "feed-read" },
  "batches/[correlationId]/index.tsx": { useBatchPage: "feed-read" },
  "api/v1/openapi.json/index.ts": { onGet: "viewer" },
  "api/v1/live/index.ts": { onGet: "feed-read" },
  "api/v1/views/index.ts": { onGet: "viewer" },
  "api/v1/views/[view]/rows/index.ts": { onGet: "feed-read" },
  "api/v1/views/[view]/changes/index.ts": { onGet: "feed-read" },
  "api/v1/views/[view]/live/index.ts": { onGet: "feed-read" },
  "api/v1/pubsub/push/[feed]/index.ts": { onPost: "feed-write" },
  "api/v1/feeds/index.ts": { onGet: "feed-read" },
  "api/v1/feeds/[feed]/index.ts": { onGet: "feed-read" },
  "api/v1/feeds/[feed]/events/index.ts": { onPost: "feed-write" },
  "api/v1/feeds/[feed]/rows/index.ts": { onGet: "feed-read" },
  "api/v1/feeds/[feed]/changes/index.ts": { onGet: "feed-read" },
  "api/v1/feeds/[feed]/live/index.ts": { onGet: "feed-read" },
  "api/v1/feeds/[feed]/timeline/index.ts": { onGet: "feed-read" },
  "api/v1/feeds/[feed]/timeline/[instant]/index.ts": { onGet: "feed-read" },
  "api/v1/feeds/[feed]/health/index.ts": { onGet: "feed-read" },
  "api/v1/feeds/[feed]/history/[key]/index.ts": { onGet: "feed-read" },
  "api/v1/feeds/[feed]/dead-letters/index.ts": { onGet: "feed-read" },
  "api/v1/feeds/[feed]/dead-letters/[id]/index.ts": { onGet: "feed-read", onDelete: "operator+feed-write" },
  "api/v1/feeds/[feed]/dead-letters/[id]/replay/index.ts": { onPost: "operator+feed-write" },
  "api/v1/feeds/[feed]/pins/index.ts": { onGet: "feed-read", onPost: "operator+feed-read" },
  "api/v1/feeds/[feed]/pins/[instant]/index.ts": { onDelete: "operator+feed-read" },
  "api/v1/feeds/[feed]/instants/[instant]/notes/index.ts": { onGet: "feed-read", onPost: "operator+feed-read" },
  "api/v1/feeds/[feed]/instants/[instant]/notes/[note]/index.ts": { onDelete: "operator+feed-read" },
  "api/v1/problem-marks/index.ts": { onGet: "feed-read" },
  "api/v1/problems/[id]/acknowledgements/index.ts": {
    onGet: "feed-read",
    onPost: "operator+feed-read",
    onDelete: "operator+feed-read",
  },
  "api/v1/problems/[id]/mute/index.ts": {
    onGet: "feed-read",
    onPut: "operator+feed-read",
    onDelete: "operator+feed-read",
  },
  "api/v1/problems/[id]/merge/index.ts": { onPost: "operator+feed-read" },
  "api/v1/problems/[id]/split/index.ts": { onPost: "operator+feed-read" },
  "api/v1/problem-rules/index.ts": { onGet: "feed-read" },
  "api/v1/problem-rules/[id]/index.ts": { onDelete: "operator+feed-read" },
  "api/v1/problems/[id]/notes/index.ts": { onGet: "feed-read", onPost: "operator+feed-read" },
  "api/v1/problems/[id]/notes/[note]/index.ts": { onDelete: "operator+feed-read" },
  "api/v1/pipeline-owners/index.ts": { onGet: "viewer" },
  "api/v1/pipelines/[name]/index.ts": { onGet: "feed-read" },
  "api/v1/reliability/index.ts": { onGet: "feed-read" },
  "api/v1/batches/[correlationId]/index.ts": { onGet: "feed-read" },
  "api/v1/pipelines/[name]/owner/index.ts": { onGet: "viewer", onPut: "operator", onDelete: "operator" },
  "api/v1/audit/index.ts": { onGet: "admin" },
  "api/v1/tokens/index.ts": { onGet: "admin", onPost: "admin" },
  "api/v1/tokens/[id]/index.ts": { onGet: "admin", onPatch: "admin", onDelete: "admin" },
  "api/v1/preferences/index.ts": { onGet: "viewer", onPatch: "viewer" },
  "api/v1/saved-views/index.ts": { onGet: "viewer", onPost: "viewer" },
  "api/v1/saved-views/[id]/index.ts": { onGet: "viewer", onPatch: "viewer", onDelete: "viewer" },
  "api/v1/saved-views/[id]/star/index.ts": { onPut: "viewer" },
  "api/v1/saved-views/[id]/default/index.ts": { onPut: "viewer" },
  // What is on a dashboard is checked per panel: one of a feed that somebody may not read says so and shows nothing.
  "dashboards/index.tsx": { onPost: "viewer", useDashboardsPage: "viewer" },
  "dashboards/[id]/index.tsx": { onPost: "viewer", useDashboardPage: "viewer" },
  "api/v1/dashboards/index.ts": { onGet: "viewer", onPost: "viewer" },
  "api/v1/dashboards/import/index.ts": { onPost: "viewer" },
  "api/v1/dashboards/[id]/index.ts": { onGet: "viewer", onPatch: "viewer", onDelete: "viewer" },
  "api/v1/dashboards/[id]/duplicate/index.ts": { onPost: "viewer" },
  "api/v1/dashboards/[id]/share/index.ts": { onPut: "viewer" },
  "api/v1/dashboards/[id]/panels/index.ts": { onGet: "viewer" },
  "api/v1/dashboards/[id]/export/index.ts": { onGet: "viewer" },
};

export interface Entrance {
  file: string;
  /** Exported name of the handler, loader or action. */
  name: string;
  method: string;
  /** With something for each parameter. */
  path: string;
  needs: Needs;
}

const ROUTES = join(packageRoot(), "src/routes");
/** Runs before every route, and lets nobody in by itself. */
const BEFORE_ALL = /^plugin(@\w+)?\.ts$/;
const ENTRANCE = /^export const (on[A-Z]\w*|use\w+)\b[^=]*=\s*(routeAction\$|globalAction\$)?/gm;

/** What the route files export. */
export function entrances(): Omit<Entrance, "needs">[] {
  const files = readdirSync(ROUTES, { recursive: true, encoding: "utf8" }).map((file) => file.replaceAll("\\", "/"));
  return files
    .filter((file) => /\.tsx?$/.test(file) && !/\.test\.tsx?$/.test(file) && !BEFORE_ALL.test(file))
    .sort()
    .flatMap((file) =>
      [...readFileSync(join(ROUTES, file), "utf8").matchAll(ENTRANCE)].map(([, name, action]) => ({
        file,
        name: name!,
        method: action ? "POST" : methodOf(name!),
        path: pathOf(file) + (action ? `?qaction=${name}` : ""),
      })),
    );
}

const methodOf = (name: string): string => {
  const method = name.startsWith("on") ? name.slice(2).toUpperCase() : "GET";
  return method === "REQUEST" ? "GET" : method;
};

const SAMPLES: Readonly<Record<string, string>> = {
  feed: "pipeline_events",
  view: "problems",
  instant: "20261121090000000",
  "...missing": "nowhere",
};

const pathOf = (file: string): string =>
  `/${file}`
    .replace(/\/(index!?|layout!?)\.tsx?$/, "")
    .replace(/\[([^\]]+)\]/g, (_whole, name: string) => SAMPLES[name] ?? "some-id") || "/";
