/** Every entrance, with and without what it asks for (tests/support/authorisation-matrix.ts). */
import { beforeAll, describe, expect, test } from "vitest";
import { AUTHORISATION, entrances } from "../support/authorisation-matrix";
import { runningWeir } from "../support/weir";

const SECRET = "0123456789abcdef0123";
const weir = runningWeir(() => Promise.resolve({ WEIR_SECRET: SECRET }));
beforeAll(() => weir.untilControl());

const all = entrances().map((entrance) => ({ ...entrance, needs: AUTHORISATION[entrance.file]![entrance.name]! }));

/** Whoever sends nothing here is told what is wrong with it by a 401, as if they were refused entrance. */
const FORMS: Readonly<Record<string, URLSearchParams>> = { "POST /sign-in": new URLSearchParams({ secret: SECRET }) };

/** The status, where a redirect goes, and who may keep it. What would never end is not read. */
async function knock(method: string, path: string, headers: Record<string, string>) {
  const leave = new AbortController();
  const form = FORMS[`${method} ${path}`];
  const sent = { method, redirect: "manual", headers, signal: leave.signal, ...(form && { body: form }) } as const;
  const response = await fetch(weir.url(path), sent);
  const { status, headers: given } = response;
  const answer = { status, location: given.get("location"), kept: given.get("cache-control") };
  leave.abort();
  return answer;
}

/** Rows and what describes them: who may see them sees the same. Asked for again each time, and with it who asks. */
const SHARED_DATA = /^\/api\/v1\/(feeds|views|openapi\.json)(\/|$)/;

const page = { accept: "text/html" };
const holder = { authorization: `Bearer ${SECRET}` };
const isRefusal = ({ status, location }: { status: number; location: string | null }) =>
  status === 401 || status === 403 || (status === 303 && location?.startsWith("/sign-in?back=") === true);

describe("without signing in", () => {
  test.each(all.filter(({ needs }) => needs === "open"))("$method $path lets in ($name)", async ({ method, path }) => {
    const { status } = await knock(method, path, page);
    expect([401, 403]).not.toContain(status);
  });

  test.each(all.filter(({ needs }) => needs !== "open"))(
    "$method $path refuses ($name, which needs $needs)",
    async ({ method, path }) => {
      expect(await knock(method, path, page)).toSatisfy(isRefusal);
      expect(await knock(method, path, { ...page, authorization: "Bearer wrong-secret-wrong" })).toSatisfy(isRefusal);
    },
  );
});

test.each(all)("$method $path lets in who holds the secret ($name)", async ({ method, path }) => {
  expect(await knock(method, path, { ...page, ...holder })).not.toSatisfy(isRefusal);
});

test.each(all.filter(({ method, needs }) => method === "GET" && needs !== "open"))(
  "no cache on the way keeps what $method $path answers ($name)",
  async ({ method, path, file }) => {
    const { kept } = await knock(method, path, { ...page, ...holder });
    expect(kept).toMatch(SHARED_DATA.test(path) ? /no-store|private|^no-cache$/ : /no-store|private/);
    if (file.startsWith("settings/") && file.endsWith(".tsx")) expect(kept).toBe("no-store");
  },
);

test.each(all.filter(({ method }) => method !== "GET"))(
  "$method $path refuses pages of other origins ($name)",
  async ({ method, path }) => {
    const { status } = await knock(method, path, { ...holder, origin: "https://evil.example" });
    expect(status).toBe(403);
  },
);
