import { describe, expect, it } from "vitest";
import { dropForwarded, originOf } from "./origin";

const trusting = { origin: null, trustProxy: true };

describe("the address of a request", () => {
  it("is WEIR_ORIGIN when that is set, whatever headers say", () => {
    const rules = { origin: "https://weir.example.org", trustProxy: true };
    expect(originOf(rules, { host: "a", "x-forwarded-host": "evil.example" })).toBe("https://weir.example.org");
  });

  it("is what a trusted proxy says: the first of each list", () => {
    const headers = {
      host: "inner:3000",
      "x-forwarded-host": "weir.example.org, cdn",
      "x-forwarded-proto": "https,http",
    };
    expect(originOf(trusting, headers)).toBe("https://weir.example.org");
    expect(originOf(trusting, { host: "inner:3000" })).toBe("http://inner:3000");
  });

  it("is left to the Host header without a trusted proxy, or when the proxy's host is none", () => {
    expect(originOf({ origin: null, trustProxy: false }, { host: "a", "x-forwarded-host": "evil.example" })).toBeNull();
    expect(originOf(trusting, { host: "inner", "x-forwarded-host": "not a host" })).toBeNull();
  });

  it("never comes from headers that anybody can send: they are dropped", () => {
    const headers = {
      host: "a",
      "x-forwarded-host": "evil.example",
      "x-forwarded-proto": "https",
      forwarded: "host=x",
    };
    dropForwarded(headers);
    expect(headers).toEqual({ host: "a" });
  });
});
