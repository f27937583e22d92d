/** People on a server with a secret: the first admin, a colleague who is invited, single sign-on, and sessions that end. */
import type { Page } from "playwright";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { browserTabs, clickThrough, eventually } from "../support/browser";
import { CLIENT_ID, CLIENT_SECRET, TestProvider } from "../support/oidc-provider";
import { until } from "../support/until";
import { Weir } from "../support/weir";

const SECRET = "a-long-enough-secret";
const PASSWORD = "correct horse battery staple";
const provider = new TestProvider();
const weir = new Weir(async () => {
  await provider.listen();
  return {
    WEIR_SECRET: SECRET,
    WEIR_OIDC_ISSUER: provider.issuer,
    WEIR_OIDC_CLIENT_ID: CLIENT_ID,
    WEIR_OIDC_CLIENT_SECRET: CLIENT_SECRET,
    WEIR_OIDC_ROLE_CLAIM: "roles",
  };
});
beforeAll(async () => {
  await weir.start();
  provider.serve(weir.url("/api/auth/callback/oidc"), (login) => (login === "olga" ? "weir-operator" : "something"));
});
afterAll(async () => {
  await weir.close();
  await provider.close();
});
const { open } = browserTabs();
const plain = { javaScriptEnabled: false };

const firstLink = () =>
  until("the link of the first admin", () => /first admin: (\S+)/.exec(weir.output)?.[1] ?? false, 60_000);

/** The provider's own pages ask for fonts of the internet and have no icon. */
async function calm(page: Page): Promise<void> {
  const isForeign = ({ origin, pathname }: URL) =>
    ![weir.address, provider.issuer].includes(origin) || pathname === "/favicon.ico";
  await page.context().route(isForeign, (route) => route.fulfill({ status: 200, contentType: "text/css", body: "" }));
}

const whoIs = async (page: Page) =>
  (await (await page.request.get(weir.url("/api/v1/account"))).json()) as { name: string; role: string };

describe("people", () => {
  it("begin with an admin, made with the printed link, who invites a colleague and ends their session", async () => {
    const link = await firstLink();
    const admin = await open(link, plain);
    await admin.getByLabel("E-mail").fill("root@example.org");
    await admin.getByLabel("Your name").fill("Root <script>");
    await admin.getByLabel("Password").fill(PASSWORD);
    await clickThrough(admin.getByRole("button", { name: "Make the first admin" }));
    await admin.getByRole("heading", { name: "People" }).waitFor();
    expect(await whoIs(admin)).toMatchObject({ name: "Root <script>", role: "admin" });
    const used = await open(link, plain);
    await eventually(() => used.getByRole("main").innerText()).toContain("This link was used");

    await admin.getByLabel("E-mail").fill("ben@example.org");
    await admin.getByLabel("Role", { exact: true }).last().selectOption("operator");
    await clickThrough(admin.getByRole("button", { name: "Make a link" }));
    const invitation = await admin.getByLabel(/Give this link to ben@example.org/).inputValue();

    const ben = await open(invitation, { ...plain, expected: [/\b401\b/] });
    await ben.getByLabel("Your name").fill("Ben");
    await ben.getByLabel("Password").fill(PASSWORD);
    await clickThrough(ben.getByRole("button", { name: "Make my account" }));
    await ben.getByRole("region", { name: "State of this page" }).waitFor();
    expect(await whoIs(ben)).toMatchObject({ name: "Ben", role: "operator" });
    expect((await ben.request.get(weir.url("/api/v1/users"))).status()).toBe(403);
    const cookies = await ben.context().cookies();
    expect(cookies.find(({ name }) => name === "weir.session_token")).toMatchObject({
      httpOnly: true,
      sameSite: "Lax",
    });

    await admin.goto(weir.url("/settings/people"));
    await clickThrough(admin.getByRole("link", { name: "1 open session of Ben" }));
    await clickThrough(admin.getByRole("button", { name: /^End the session/ }));
    await eventually(() => admin.getByRole("main").getByRole("status").innerText()).toBe("The session is ended.");
    await ben.reload();
    expect(new URL(ben.url()).pathname).toBe("/sign-in");

    await ben.getByLabel("E-mail").fill("ben@example.org");
    await ben.getByLabel("Password").fill("not the password");
    await clickThrough(ben.getByRole("button", { name: "Sign in" }));
    await eventually(() => ben.getByRole("alert").innerText()).toContain("is wrong");
    await ben.getByLabel("Password").fill(PASSWORD);
    await clickThrough(ben.getByRole("button", { name: "Sign in" }));
    await ben.getByRole("region", { name: "State of this page" }).waitFor();
  });

  it.each([
    ["olga", "operator"],
    ["vera", "viewer"],
  ])("come from the provider: %s is %s", async (login, role) => {
    const page = await open(weir.url("/feeds/pipeline_events?status=FAILED"));
    await calm(page);
    await page.getByRole("link", { name: "Single sign-on" }).click();
    await page.locator("input[name=login]").fill(login);
    await page.locator("input[name=password]").fill("any");
    await page.locator("button[type=submit]").click();
    await page.getByRole("button", { name: "Continue" }).click();
    await page.getByRole("region", { name: "State of this page" }).waitFor();
    expect(page.url()).toBe(weir.url("/feeds/pipeline_events?status=FAILED"));
    expect(await whoIs(page)).toMatchObject({ name: `${login} of the provider`, role });
  });

  it("get nowhere with what the provider never sent", async () => {
    const page = await open(weir.url("/api/auth/callback/oidc?code=stolen&state=forged"), plain);
    expect(new URL(page.url()).pathname).toBe("/sign-in");
    expect((await page.context().cookies()).map(({ name }) => name)).not.toContain("weir.session_token");
    for (const path of ["/api/auth/sign-up/email", "/api/auth/get-session", "/api/auth/ok"])
      expect((await page.request.get(weir.url(path))).status()).toBe(401);
  });

  it("are counted when they guess", async () => {
    const guess = () =>
      fetch(weir.url("/sign-in"), {
        method: "POST",
        body: new URLSearchParams({ email: "nobody@example.org", password: "guess" }),
      });
    for (let n = 0; n < 5; n++) expect((await guess()).status).toBe(401);
    const refused = await guess();
    expect(refused.status).toBe(429);
    expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0);
  });
});
