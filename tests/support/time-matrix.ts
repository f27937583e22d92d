/**
 * Whether a page or a reading call can be asked for the past (`?at=`), and why not where it cannot. A route that reads and is
 * missing here fails a test, so that nobody adds one that knows the present only without saying so.
 */
import { entrances } from "./authorisation-matrix";

/** `at`: everything in the answer is of the instant that `at` names. Else the reason why there is no such thing. */
export type OfTime = "at" | { present: string };

const present = (reason: string): OfTime => ({ present: reason });
const DECIDED = present("what people decide is of the present; pages of the past say so where they show it");
const ACCOUNTS = present("accounts and settings have no past to show; the audit log is their history");
const MACHINE = present("it tells of the program that is running, and the page says so where a past is asked for");
const RANGE = present("it is of a range of positions that its own parameters name");
const STREAM = present("it follows what comes; where it begins is `since`");

/** Route file below `src/routes` → of what time its answer is. Routes below `settings` are all of accounts and settings. */
export const OF_TIME: Readonly<Record<string, OfTime>> = {
  "index.tsx": "at",
  "feeds/[feed]/index.tsx": "at",
  "batches/[correlationId]/index.tsx": "at",
  "pipelines/index.tsx": "at",
  "pipelines/[name]/index.tsx": "at",
  "dashboards/index.tsx": present("it lists what people made, and says so; its links carry at on"),
  "dashboards/[id]/index.tsx": "at",
  "difference/index.tsx": "at",
  "difference/incident/index.ts": "at",
  "charts/index.tsx": "at",
  "lake/[feed]/index.tsx": "at",
  "lake/[feed]/[instant]/index.tsx": present("its instant is in its path; its links carry at on"),
  "reliability/index.tsx": "at",
  "search/index.tsx": "at",
  "feeds/[feed]/differences/index.tsx": "at",
  "layout.tsx": "at",
  "problems/index.tsx": "at",
  "problems/[id]/index.tsx": "at",
  "problems/[id]/incident/index.ts": present("a report says of which moment it is, and links the pages of then"),
  "feeds/[feed]/dead-letters/index.tsx": present("dead letters wait for somebody; they are no part of the tables"),
  "feeds/[feed]/instants/[instant]/index.tsx": present("its instant is in its path; the notes are of now"),
  "feeds/[feed]/pins/index.tsx": DECIDED,
  "error/index.tsx": MACHINE,
  "[...missing]/index.ts": MACHINE,
  "status/index.tsx": MACHINE,
  "healthz/index.ts": MACHINE,
  "readyz/index.ts": MACHINE,
  "metrics/index.ts": MACHINE,
  "sign-in/index!.tsx": ACCOUNTS,
  "sign-in/oidc/index.ts": ACCOUNTS,
  "welcome/index!.tsx": ACCOUNTS,
  "invitations/[token]/index!.tsx": ACCOUNTS,
  "api/auth/callback/oidc/index.ts": ACCOUNTS,
  "api/v1/feeds/[feed]/rows/index.ts": "at",
  "api/v1/views/[view]/rows/index.ts": "at",
  "api/v1/feeds/[feed]/difference/index.ts": "at",
  "api/v1/feeds/[feed]/differences/index.ts": "at",
  "api/v1/reliability/index.ts": "at",
  "api/v1/search/index.ts": "at",
  "api/v1/feeds/[feed]/health/index.ts": "at",
  "api/v1/pipelines/[name]/index.ts": "at",
  "api/v1/batches/[correlationId]/index.ts": "at",
  "api/v1/feeds/[feed]/changes/index.ts": RANGE,
  "api/v1/views/[view]/changes/index.ts": RANGE,
  "api/v1/feeds/[feed]/live/index.ts": STREAM,
  "api/v1/views/[view]/live/index.ts": STREAM,
  "api/v1/live/index.ts": STREAM,
  "api/v1/feeds/index.ts": present("it tells where each feed stands and what waits to be committed"),
  "api/v1/feeds/[feed]/index.ts": present("it tells where the feed stands and what waits to be committed"),
  "api/v1/feeds/[feed]/timeline/index.ts": present("it is the history itself, with every instant that there was"),
  "api/v1/feeds/[feed]/timeline/[instant]/index.ts": present("its instant is in its path"),
  "api/v1/feeds/[feed]/history/[key]/index.ts": present("it is the history of a key, each version with its instant"),
  "api/v1/feeds/[feed]/dead-letters/index.ts": present("dead letters wait for somebody"),
  "api/v1/feeds/[feed]/dead-letters/[id]/index.ts": present("dead letters wait for somebody"),
  "api/v1/views/index.ts": present("it lists which views there are"),
  "api/v1/openapi.json/index.ts": MACHINE,
  "api/v1/feeds/[feed]/pins/index.ts": DECIDED,
  "api/v1/feeds/[feed]/instants/[instant]/notes/index.ts": DECIDED,
  "api/v1/problem-marks/index.ts": DECIDED,
  "api/v1/problem-rules/index.ts": DECIDED,
  "api/v1/problems/[id]/acknowledgements/index.ts": DECIDED,
  "api/v1/problems/[id]/mute/index.ts": DECIDED,
  "api/v1/problems/[id]/notes/index.ts": DECIDED,
  "api/v1/pipeline-owners/index.ts": DECIDED,
  "api/v1/pipelines/[name]/owner/index.ts": DECIDED,
  "api/v1/saved-views/index.ts": DECIDED,
  "api/v1/saved-views/[id]/index.ts": DECIDED,
  "api/v1/dashboards/index.ts": DECIDED,
  "api/v1/dashboards/[id]/index.ts": DECIDED,
  "api/v1/dashboards/[id]/export/index.ts": DECIDED,
  "api/v1/dashboards/[id]/panels/index.ts": present("an open page of now asks it what its panels show"),
  "api/v1/preferences/index.ts": ACCOUNTS,
  "api/v1/account/index.ts": ACCOUNTS,
  "api/v1/sessions/index.ts": ACCOUNTS,
  "api/v1/users/index.ts": ACCOUNTS,
  "api/v1/users/[id]/sessions/index.ts": ACCOUNTS,
  "api/v1/invitations/index.ts": ACCOUNTS,
  "api/v1/tokens/index.ts": ACCOUNTS,
  "api/v1/tokens/[id]/index.ts": ACCOUNTS,
  "api/v1/audit/index.ts": ACCOUNTS,
};

/** Route files that answer a question. */
export const readingRoutes = (): string[] => {
  const reading = entrances().filter(({ method, file }) => method === "GET" && !file.startsWith("settings/"));
  return [...new Set(reading.map(({ file }) => file))].sort();
};
