/** Every entrance, with and without what it asks for (tests/support/authorisation-matrix.ts). */
import { beforeAll, describe, expect, test } from "vitest";
import { AUTHORISATION, entrances } from "../support/authorisation-matrix";
import { runningWeir } from "../support/weir";

const SECRET = "0123456789abcdef0123";
const weir = runningWeir(() => Promise.resolve({ WEIR_SECRET: SECRET }));
beforeAll(() => weir.untilControl());

const all = entrances().map((entrance) => ({ ...entrance, needs: AUTHORISATION[entrance.file]![entrance.name]! }));

/** The status, and where a redirect goes. What would never end is not read. */
async function knock(method: string, path: string, headers: Record<string, string>) {
  const leave = new AbortController();
  const response = await fetch(weir.url(path), { method, redirect: "manual", headers, signal: leave.signal });
  const answer = { status: response.status, location: response.headers.get("location") };
  leave.abort();
  return answer;
}

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

test.each(all.filter(({ method }) => method !== "GET"))(
  "$method $path refuses pages of other origins ($name)",
  async ({ method, path }) => {
    const { status } = await knock(method, path, { ...holder, origin: "https://evil.example" });
    expect(status).toBe(403);
  },
);
