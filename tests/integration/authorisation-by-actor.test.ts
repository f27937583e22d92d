/** Every entrance (tests/support/authorisation-matrix.ts), tried by everybody that there is: who may is let in, who may not is not. */
import { beforeAll, describe, expect, test } from "vitest";
import { AUTHORISATION, entrances, type Needs } from "../support/authorisation-matrix";
import { until } from "../support/until";
import { runningWeir } from "../support/weir";

const SECRET = "0123456789abcdef0123";
const FEED = "pipeline_events";
const PASSWORD = "correct horse battery staple";
const weir = runningWeir(() => Promise.resolve({ WEIR_SECRET: SECRET }));

const ACTORS = [
  "anonymous",
  "a viewer without the feed",
  "a viewer",
  "an operator",
  "an admin",
  "a token that may only write",
  "a token that has expired",
  "a token that was revoked",
] as const;
type Who = (typeof ACTORS)[number];

const [, BLIND, VIEWER, OPERATOR, ADMIN, WRITER] = ACTORS;

/** Who may; everybody else may not. */
const MAY: Readonly<Record<Needs, readonly Who[]>> = {
  open: ACTORS,
  viewer: [BLIND, VIEWER, OPERATOR, ADMIN],
  operator: [OPERATOR, ADMIN],
  admin: [ADMIN],
  "every-feed-read": [VIEWER, OPERATOR, ADMIN],
  "feed-read": [VIEWER, OPERATOR, ADMIN],
  "feed-write": [OPERATOR, ADMIN, WRITER],
  "operator+feed-read": [OPERATOR, ADMIN],
  "operator+feed-write": [OPERATOR, ADMIN],
};

interface Tried {
  method: string;
  path: string;
  needs: Needs;
}

/** Each address once, with what its page needs besides its layouts; signing out comes last, because it ends who asks. */
function tries(): Tried[] {
  const withAddress = entrances().filter(({ file }) => !file.endsWith("layout.tsx"));
  const all = withAddress.map(({ file, name, method, path }) => {
    const needs = AUTHORISATION[file]?.[name];
    if (needs === undefined) throw new Error(`${file} ${name} is missing in the authorisation matrix.`);
    return { method, path, needs };
  });
  const once = new Map(all.map((entrance) => [`${entrance.method} ${entrance.path} ${entrance.needs}`, entrance]));
  const isSignOut = ({ path }: Tried) => Number(path === "/sign-out");
  return [...once.values()].sort((a, b) => isSignOut(a) - isSignOut(b));
}

const headersOf = {} as Record<Who, Record<string, string>>;
const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

async function send(method: string, path: string, headers: Record<string, string>, body?: unknown) {
  const isForm = !path.startsWith("/api/");
  const type = isForm ? "application/x-www-form-urlencoded" : "application/json";
  const text = isForm ? new URLSearchParams(body as Record<string, string>).toString() : JSON.stringify(body ?? {});
  return fetch(weir.url(path), {
    method,
    redirect: "manual",
    headers: { accept: "text/html", ...headers, ...(method === "GET" ? {} : { "content-type": type }) },
    ...(method === "GET" ? {} : { body: text }),
  });
}

/** Invited, and signed in by accepting. @returns the header with their cookie */
async function newPerson(role: string, read: "all" | string[]): Promise<Record<string, string>> {
  const email = `${role}-${String(read)}@example.org`.replace("-@", "@");
  const invited = await send("POST", "/api/v1/invitations", bearer(SECRET), { email, role, read, write: "all" });
  const { path } = (await invited.json()) as { path: string };
  const accepted = await send("POST", path, {}, { name: role, password: PASSWORD });
  expect(accepted.status).toBe(303);
  return { cookie: accepted.headers.get("set-cookie")!.split(";")[0]! };
}

async function newToken(given: object): Promise<{ id: string; token: string }> {
  const made = await send("POST", "/api/v1/tokens", bearer(SECRET), { name: "robot", write: [FEED], ...given });
  expect(made.status).toBe(201);
  return (await made.json()) as { id: string; token: string };
}

beforeAll(async () => {
  await weir.untilControl();
  const expired = await newToken({ expiresAt: Date.now() + 2_000 });
  const revoked = await newToken({ admin: true });
  await send("DELETE", `/api/v1/tokens/${revoked.id}`, bearer(SECRET));
  Object.assign(headersOf, {
    anonymous: {},
    [BLIND]: await newPerson("viewer", []),
    [VIEWER]: await newPerson("viewer", "all"),
    [OPERATOR]: await newPerson("operator", "all"),
    [ADMIN]: await newPerson("admin", "all"),
    [WRITER]: bearer((await newToken({})).token),
    "a token that has expired": bearer(expired.token),
    "a token that was revoked": bearer(revoked.token),
  } satisfies Record<Who, Record<string, string>>);
  await until("the token to expire", async () => (await send("GET", "/", bearer(expired.token))).status !== 403);
});

/** Where a form that asks for nothing is refused before it is looked at who sends it. */
const FORMS: Readonly<Record<string, object>> = { "/settings/pipelines": { do: "delete", pipeline: "orders" } };

/** What a stream would go on with is not read. */
async function knock({ method, path }: Tried, who: Who) {
  const response = await send(method, path, headersOf[who], FORMS[path]);
  const location = response.headers.get("location");
  const isStream = response.headers.get("content-type")?.startsWith("text/event-stream") ?? false;
  const body = isStream ? "" : await response.text();
  if (isStream) await response.body!.cancel();
  return { status: response.status, location, body };
}

type Answer = Awaited<ReturnType<typeof knock>>;

const isAskedWho = ({ status, location }: Answer) =>
  status === 401 || (status === 303 && location?.startsWith("/sign-in?back=") === true);

/** Entrances that name no feed and show what one may read of all: whoever may read none is refused or sees nothing. */
const showsOwnPart = ({ needs, path }: Tried) =>
  needs === "feed-read" && !path.includes(FEED) && !path.startsWith("/api/v1/views/problems/");

/** Whoever may read no feed reads nowhere that it exists. What they asked for themselves is not told them by the answer. */
const tellsOfFeed = ({ method, path }: Tried, { status, body }: Answer) =>
  method === "GET" && status < 400 && !path.includes(FEED) && body.includes(FEED);

/** @returns what is wrong with an answer; null = nothing */
function faultOf(tried: Tried, who: Who, answer: Answer): string | null {
  const { status, body } = answer;
  if (status >= 500) return "fails";
  if (tried.needs === "open") return status === 403 || answer.location?.startsWith("/sign-in?back=") ? "refuses" : null;
  const isRefused = isAskedWho(answer) || status === 403;
  if (MAY[tried.needs].includes(who)) {
    if (isRefused) return "refuses";
    return who === BLIND && tellsOfFeed(tried, answer) ? "shows the feed" : null;
  }
  if (who === BLIND && showsOwnPart(tried)) return status < 400 && body.includes(FEED) ? "shows the feed" : null;
  return isRefused || status === 404 ? null : "lets in";
}

describe.each(ACTORS)("%s", (who) => {
  test("gets into what the matrix gives them, and into nothing else", async () => {
    const faults: string[] = [];
    for (const tried of tries()) {
      const answer = await knock(tried, who);
      const fault = faultOf(tried, who, answer);
      const { method, path, needs } = tried;
      if (fault !== null) faults.push(`${method} ${path} (${needs}) ${fault}: ${answer.status}`);
    }
    expect(faults).toEqual([]);
  });
});
