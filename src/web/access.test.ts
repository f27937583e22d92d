import { describe, expect, it } from "vitest";
import type { AppError } from "../model/app-error";
import { checkAccess, sessionOf, type AccessRequest, type AccessRules } from "./access";

const loopback: AccessRules = { host: "127.0.0.1", origin: null, corsOrigins: [], secret: null };
const guarded: AccessRules = {
  host: "0.0.0.0",
  origin: "https://weir.example.org",
  corsOrigins: [],
  secret: "correct horse battery",
};
const request = (more: Partial<AccessRequest>): AccessRequest => ({
  method: "GET",
  path: "/",
  host: "127.0.0.1:3000",
  originHeader: null,
  authorization: null,
  cookie: null,
  ...more,
});

function verdict(rules: AccessRules, more: Partial<AccessRequest>): string {
  try {
    checkAccess(rules, request(more));
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

describe("access with a secret", () => {
  it("is refused without it, with a wrong one, and with the secret as cookie", () => {
    expect(verdict(guarded, {})).toBe("unauthorized");
    expect(verdict(guarded, { authorization: "Bearer wrong" })).toBe("unauthorized");
    expect(verdict(guarded, { cookie: guarded.secret })).toBe("unauthorized");
  });

  it("is given to the bearer and to the cookie of the sign-in page", () => {
    expect(verdict(guarded, { authorization: `Bearer ${guarded.secret}` })).toBe("allowed");
    expect(verdict(guarded, { cookie: sessionOf(guarded.secret!) })).toBe("allowed");
  });

  it("leaves open only health, readiness and the sign-in page", () => {
    for (const path of ["/healthz", "/readyz", "/sign-in"]) expect(verdict(guarded, { path })).toBe("allowed");
    for (const path of ["/metrics", "/api/v1/feeds", "/healthz/x"])
      expect(verdict(guarded, { path })).toBe("unauthorized");
  });
});

describe("a push of Pub/Sub", () => {
  const push = { method: "POST", path: "/api/v1/pubsub/push/pipeline_events" };
  const signed: AccessRules = { ...guarded, pubsub: { push: { audience: "https://weir.example.org" } } };

  it("carries its own token instead of the secret where an audience is configured", () => {
    expect(verdict(signed, push)).toBe("allowed");
    expect(verdict(guarded, push)).toBe("unauthorized");
  });

  it.each([
    { method: "GET", path: "/api/v1/pubsub/push/pipeline_events" },
    { method: "POST", path: "/api/v1/pubsub/push/" },
    { method: "POST", path: "/api/v1/pubsub/push/../../feeds/pipeline_events/events" },
    { method: "POST", path: "/api/v1/feeds/pipeline_events/events" },
  ])("opens nothing else: $method $path", (request) => {
    expect(verdict(signed, request)).toBe("unauthorized");
  });
});
