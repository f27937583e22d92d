import { describe, expect, it } from "vitest";
import { readConfig } from "../config";

const SECRET = { WEIR_SECRET: "a-long-enough-secret" };
const OIDC = { ...SECRET, WEIR_OIDC_ISSUER: "https://accounts.example.org", WEIR_OIDC_CLIENT_ID: "weir" };
const PROXY = { ...SECRET, WEIR_PROXY_JWT_HEADER: "X-Goog-IAP-JWT-Assertion", WEIR_PROXY_JWT_AUDIENCE: "/projects/1" };

describe("the settings about people", () => {
  it("ask nobody but by password unless told", () => {
    expect(readConfig({}).people).toEqual({ oidc: null, proxy: null, defaultRole: "viewer" });
  });

  it("name a provider of single sign-on, with the claim of the role if it has one", () => {
    const more = { WEIR_OIDC_CLIENT_SECRET: "shh", WEIR_OIDC_ROLE_CLAIM: "weir_role", WEIR_DEFAULT_ROLE: "operator" };
    expect(readConfig({ ...OIDC, ...more }).people).toEqual({
      oidc: {
        issuer: "https://accounts.example.org",
        clientId: "weir",
        clientSecret: "shh",
        roleClaim: "weir_role",
      },
      proxy: null,
      defaultRole: "operator",
    });
  });

  it("know everything of Google's proxy but the audience", () => {
    expect(readConfig(PROXY).people.proxy).toEqual({
      header: "x-goog-iap-jwt-assertion",
      jwksUrl: "https://www.gstatic.com/iap/verify/public_key-jwk",
      audience: "/projects/1",
      issuer: "https://cloud.google.com/iap",
    });
  });

  it.each([
    [{ ...OIDC, WEIR_OIDC_ISSUER: "http://accounts.example.org" }, /WEIR_OIDC_ISSUER must begin with https/],
    [{ ...OIDC, WEIR_OIDC_CLIENT_ID: "" }, /needs WEIR_OIDC_CLIENT_ID/],
    [{ ...OIDC, WEIR_SECRET: "" }, /WEIR_OIDC_ISSUER needs WEIR_SECRET/],
    [{ ...OIDC, WEIR_HOST: "0.0.0.0" }, /needs WEIR_ORIGIN/],
    [{ ...SECRET, WEIR_OIDC_CLIENT_ID: "weir" }, /WEIR_OIDC_CLIENT_ID needs WEIR_OIDC_ISSUER/],
    [{ WEIR_DEFAULT_ROLE: "admin" }, /WEIR_DEFAULT_ROLE must be "viewer" or "operator"/],
    [{ ...PROXY, WEIR_PROXY_JWT_AUDIENCE: "" }, /needs WEIR_PROXY_JWT_AUDIENCE/],
    [{ ...PROXY, WEIR_PROXY_JWT_HEADER: "" }, /needs WEIR_PROXY_JWT_HEADER/],
    [{ ...PROXY, WEIR_PROXY_JWT_HEADER: "x-token" }, /needs WEIR_PROXY_JWT_JWKS_URL/],
    [{ ...PROXY, WEIR_PROXY_JWT_HEADER: "x token" }, /must be the name of a header/],
    [{ ...PROXY, WEIR_SECRET: "" }, /WEIR_PROXY_JWT_HEADER needs WEIR_SECRET/],
    [{ ...PROXY, WEIR_PROXY_JWT_JWKS_URL: "http://keys.example.org" }, /must begin with https/],
  ])("refuse %j", (env, sentence) => {
    expect(() => readConfig(env)).toThrow(sentence);
  });

  it("let a provider on this machine be spoken to without encryption", () => {
    expect(readConfig({ ...OIDC, WEIR_OIDC_ISSUER: "http://127.0.0.1:9000" }).people.oidc?.issuer).toBe(
      "http://127.0.0.1:9000",
    );
  });

  it("never repeat the provider's secret in an error", () => {
    const wrong = { ...OIDC, WEIR_OIDC_CLIENT_SECRET: "very-secret-text", WEIR_OIDC_ISSUER: "nowhere" };
    expect(() => readConfig(wrong)).toThrow(/^(?!.*very-secret-text)WEIR_OIDC_ISSUER/);
  });
});
