import { describe, expect, it } from "vitest";
import { SECRET_HOLDER } from "../control/actor";
import type { AppError } from "../model/app-error";
import {
  bearerOf,
  checkOrigins,
  checkSomebody,
  isOpen,
  isSecretSession,
  secretSession,
  type AccessRequest,
  type AccessRules,
} from "./access";

const loopback: AccessRules = { host: "127.0.0.1", origin: null, corsOrigins: [] };
const guarded: AccessRules = { host: "0.0.0.0", origin: "https://weir.example.org", corsOrigins: [] };
const SECRET = "correct horse battery";
const request = (more: Partial<AccessRequest>): AccessRequest => ({
  method: "GET",
  path: "/",
  host: "127.0.0.1:3000",
  originHeader: null,
  ...more,
});

function verdict(rules: AccessRules, more: Partial<AccessRequest>): string {
  try {
    checkOrigins(rules, request(more));
    return "allowed";
  } catch (error) {
    return (error as AppError).code;
  }
}

describe("access on loopback", () => {
  it.each(["127.0.0.1:3000", "localhost", "[::1]:80", "LOCALHOST:3000"])("answers for %s", (host) => {
    expect(verdict(loopback, { host })).toBe("allowed");
  });

  it.each(["evil.example", "127.0.0.1.evil.example", "", null])(
    "does not answer for the host %j: names can be rebound",
    (host) => {
      expect(verdict(loopback, { host })).toBe("misdirected");
    },
  );

  it("answers for the host of WEIR_ORIGIN", () => {
    expect(verdict({ ...loopback, origin: "https://weir.example.org" }, { host: "weir.example.org" })).toBe("allowed");
  });

  it("takes writes from itself, from programs and from allowed origins only", () => {
    const post = { method: "POST" };
    expect(verdict(loopback, post)).toBe("allowed");
    expect(verdict(loopback, { ...post, originHeader: "http://127.0.0.1:3000" })).toBe("allowed");
    expect(verdict(loopback, { ...post, originHeader: "https://evil.example" })).toBe("forbidden");
    expect(verdict(loopback, { ...post, originHeader: "null" })).toBe("forbidden");
    expect(
      verdict({ ...loopback, corsOrigins: ["https://a.example"] }, { ...post, originHeader: "https://a.example" }),
    ).toBe("allowed");
  });
});

describe("access elsewhere", () => {
  it("is for somebody", () => {
    expect(() => checkSomebody(null)).toThrow("bearer token, or sign in");
    expect(() => checkSomebody(SECRET_HOLDER)).not.toThrow();
  });

  it("leaves open only health, readiness and the ways in", () => {
    for (const path of [
      "/healthz",
      "/readyz",
      "/sign-in",
      "/sign-in/oidc",
      "/welcome",
      "/invitations/abc",
      "/api/auth/callback/oidc",
    ])
      expect(isOpen(guarded, request({ path })), path).toBe(true);
    for (const path of [
      "/",
      "/metrics",
      "/api/v1/feeds",
      "/healthz/x",
      "/sign-in/../feeds/a",
      "/welcome/x",
      "/invitations",
      "/invitations/a/b",
      "/api/v1/invitations",
      "/api/auth/sign-up/email",
      "/x/sign-in",
    ])
      expect(isOpen(guarded, request({ path })), path).toBe(false);
  });

  it("takes writes of pages from its own origin only", () => {
    expect(verdict(guarded, { method: "POST", originHeader: "https://weir.example.org" })).toBe("allowed");
    expect(verdict(guarded, { method: "POST", originHeader: "https://evil.example" })).toBe("forbidden");
  });
});

describe("the cookie of whoever has the secret", () => {
  const NOW = 1_795_000_000_000;
  const cookie = secretSession(SECRET, NOW + 1_000);

  it("goes until it ends, and does not hold the secret", () => {
    expect(isSecretSession(cookie, SECRET, NOW)).toBe(true);
    expect(isSecretSession(cookie, SECRET, NOW + 1_000)).toBe(false);
    expect(cookie).not.toContain(SECRET);
  });

  it.each([SECRET, "", ".", "x", cookie.replace(/^\d/, "9"), cookie.slice(0, -1), `${cookie}x`])(
    "is not %j",
    (forged) => {
      expect(isSecretSession(forged, SECRET, NOW)).toBe(false);
      expect(isSecretSession(cookie, `${SECRET}r`, NOW)).toBe(false);
    },
  );
});

it.each([
  ["Bearer abc", "abc"],
  ["bearer  a b", "a b"],
  ["Basic abc", null],
  ["Bearer", null],
  [null, null],
])("of the header %j the token is %j", (header, token) => {
  expect(bearerOf(header)).toBe(token);
});

describe("a push of Pub/Sub", () => {
  const push = { method: "POST", path: "/api/v1/pubsub/push/pipeline_events" };
  const signed: AccessRules = { ...guarded, pubsub: { push: { audience: "https://weir.example.org" } } };

  it("carries its own token instead of the secret where an audience is configured", () => {
    expect(isOpen(signed, request(push))).toBe(true);
    expect(isOpen(guarded, request(push))).toBe(false);
  });

  it.each([
    { method: "GET", path: "/api/v1/pubsub/push/pipeline_events" },
    { method: "POST", path: "/api/v1/pubsub/push/" },
    { method: "POST", path: "/api/v1/pubsub/push/../../feeds/pipeline_events/events" },
    { method: "POST", path: "/api/v1/feeds/pipeline_events/events" },
  ])("opens nothing else: $method $path", (given) => {
    expect(isOpen(signed, request(given))).toBe(false);
  });
});
