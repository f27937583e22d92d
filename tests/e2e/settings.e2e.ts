/**
 * Signing in and the settings of people, machines and the log, on a server with a secret and single sign-on: no rule of
 * accessibility is broken, nothing scrolls sideways, and each form is sent by keyboard alone and without script.
 */
import type { Locator, Page } from "playwright";
import { beforeAll, describe, expect, it } from "vitest";
import { browserTabs, clickThrough, eventually } from "../support/browser";
import { COLOURS, scrollsSideways, violations } from "../support/pages";
import { until } from "../support/until";
import { runningWeir } from "../support/weir";

const SECRET = "a-long-enough-secret";
const PASSWORD = "correct horse battery staple";
const weir = runningWeir(() =>
  Promise.resolve({
    WEIR_SECRET: SECRET,
    WEIR_OIDC_ISSUER: "https://login.example.org", // nobody goes there
    WEIR_OIDC_CLIENT_ID: "weir",
    WEIR_OIDC_CLIENT_SECRET: "a-secret-of-the-client",
  }),
);
const { open } = browserTabs();
const plain = { javaScriptEnabled: false };

/** All rules once; then those whose answer may change with the colours. */
const LOOKS = [
  { colorScheme: "light", width: 320, rules: null },
  { colorScheme: "dark", width: 1280, rules: COLOURS },
] as const;

const MOST_STOPS = 60;

let welcome: string;

/** A phone in the light, a desk in the dark. */
async function flaws(page: Page): Promise<string[]> {
  const found: string[] = [];
  for (const { colorScheme, width, rules } of LOOKS) {
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    await page.setViewportSize({ width, height: 800 });
    found.push(...(await violations(page, rules)).map((violation) => `${colorScheme} ${width}: ${violation}`));
    if (await scrollsSideways(page)) found.push(`${colorScheme} ${width}: scrolls sideways`);
  }
  return found;
}

/** Goes on with the Tab key until the field or button has the focus, which it shows. */
async function tabTo(wanted: Locator): Promise<void> {
  for (let n = 0; n < MOST_STOPS; n++) {
    await wanted.page().keyboard.press("Tab");
    if (await wanted.evaluate((element) => element.matches(":focus-visible"))) return;
  }
  throw new Error(`The Tab key does not come to ${wanted.toString()}.`);
}

async function typeInto(page: Page, label: string, text: string): Promise<void> {
  await tabTo(page.getByLabel(label, { exact: true }));
  await page.keyboard.type(text);
}

const button = (page: Page, name: string) => page.getByRole("button", { name, exact: true });

const statusText = (page: Page) => page.getByRole("main").getByRole("status").innerText();
const bearer = { authorization: `Bearer ${SECRET}` };

async function signedIn(path: string, options = {}): Promise<Page> {
  const page = await open(weir.url(`/sign-in?back=${encodeURIComponent(path)}`), options);
  await page.getByLabel("E-mail").fill("root@example.org");
  await page.getByLabel("Password").fill(PASSWORD);
  await clickThrough(page.getByRole("button", { name: "Sign in" }));
  await page.getByRole("navigation", { name: "Settings" }).waitFor();
  return page;
}

async function invite(email: string): Promise<string> {
  const answer = await fetch(weir.url("/api/v1/invitations"), {
    method: "POST",
    headers: { ...bearer, "content-type": "application/json" },
    body: JSON.stringify({ email, role: "viewer" }),
  });
  expect(answer.status).toBe(201);
  return weir.url(((await answer.json()) as { path: string }).path);
}

beforeAll(async () => {
  welcome = await until(
    "the link of the first admin",
    () => /first admin: (\S+)/.exec(weir.output)?.[1] ?? false,
    60_000,
  );
});

describe("by keyboard alone, on pages that break no rule of accessibility", { timeout: 120_000 }, () => {
  it("the first admin makes their account, and cannot twice", async () => {
    const page = await open(welcome);
    expect(await flaws(page)).toEqual([]);
    await typeInto(page, "E-mail", "root@example.org");
    await typeInto(page, "Your name, as others see it", "Ruth");
    await typeInto(page, "Password (12 characters or more)", PASSWORD);
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "People" }).waitFor();
    await page.goto(welcome);
    expect(await flaws(page)).toEqual([]);
  });

  it("somebody signs in, is refused and gets in, beside single sign-on", async () => {
    const page = await open(weir.url("/sign-in?back=/settings/account"), { expected: [/\b401\b/] });
    await page.getByRole("link", { name: "Single sign-on" }).waitFor();
    expect(await flaws(page)).toEqual([]);
    await typeInto(page, "E-mail", "root@example.org");
    await typeInto(page, "Password", "not the password");
    await page.keyboard.press("Enter");
    await page.getByRole("alert").waitFor();
    expect(await flaws(page)).toEqual([]);
    await typeInto(page, "Password", PASSWORD);
    await tabTo(button(page, "Sign in"));
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "Account" }).waitFor();
  });

  it("somebody who was invited makes their account", async () => {
    const page = await open(await invite("ben@example.org"), { expected: [/\b404\b/] });
    const link = page.url();
    expect(await flaws(page)).toEqual([]);
    await typeInto(page, "Your name, as others see it", "Ben");
    await typeInto(page, "Password (12 characters or more)", PASSWORD);
    await page.keyboard.press("Enter");
    await page.getByRole("region", { name: "State of this page" }).waitFor();
    await page.goto(link);
    await page.getByText("This invitation was used").waitFor();
    expect(await flaws(page)).toEqual([]);
  });

  it("somebody changes their password", async () => {
    const page = await signedIn("/settings/account", { expected: [/\b400\b/] });
    expect(await flaws(page)).toEqual([]);
    await typeInto(page, "Current password", "not the password");
    await typeInto(page, "New password (12 characters or more)", PASSWORD);
    await tabTo(button(page, "Change the password"));
    await page.keyboard.press("Enter");
    await eventually(() => page.getByRole("alert").innerText()).toContain("this is not your password");
    expect(await flaws(page)).toEqual([]);
  });

  it("an admin invites", async () => {
    const page = await signedIn("/settings/people");
    for (const summary of await page.locator(".people summary").all()) await summary.press("Enter");
    expect(await flaws(page)).toEqual([]);
    await typeInto(page, "E-mail", "maria@example.org");
    await page.keyboard.press("Enter");
    await page.getByLabel(/Give this link to maria@example.org/).waitFor();
    expect(await flaws(page)).toEqual([]);
  });

  it("an admin makes a token, which is shown once", async () => {
    const page = await signedIn("/settings/tokens");
    expect(await flaws(page)).toEqual([]);
    await typeInto(page, "Name: which machine or job", "nightly");
    await tabTo(page.getByRole("group", { name: "May write events of" }).getByLabel("all feeds"));
    await page.keyboard.press("Space");
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "The token “nightly” is made" }).waitFor();
    expect(await flaws(page)).toEqual([]);
  });

  it("an admin searches the log", async () => {
    const page = await signedIn("/settings/audit");
    for (const summary of await page.locator("main summary").all()) await summary.press("Enter");
    expect(await flaws(page)).toEqual([]);
    await typeInto(page, "Action", "token.create");
    await page.keyboard.press("Enter");
    await eventually(() => page.getByRole("row").count()).toBe(2);
    expect(await page.getByRole("row").last().innerText()).toContain("Ruth");
  });
});

describe("without script", { timeout: 120_000 }, () => {
  it("a person is invited, gets another role, and their session is ended", async () => {
    const ben = await open(weir.url("/sign-in"), plain);
    await ben.getByLabel("E-mail").fill("ben@example.org");
    await ben.getByLabel("Password").fill(PASSWORD);
    await clickThrough(ben.getByRole("button", { name: "Sign in" }));
    await ben.getByRole("region", { name: "State of this page" }).waitFor();
    const page = await signedIn("/settings/people", plain);
    await page.getByLabel("E-mail").fill("olga@example.org");
    await clickThrough(page.getByRole("button", { name: "Make a link" }));
    const link = page.getByLabel(/Give this link to olga@example.org/);
    expect(await link.inputValue()).toMatch(/^http:.*\/invitations\//);
    await page.locator("summary", { hasText: "Ben" }).click();
    await page.getByLabel("Role", { exact: true }).first().selectOption("operator");
    await clickThrough(page.getByRole("button", { name: "Set the role" }).first());
    await eventually(() => statusText(page)).toBe("Ben is operator now.");
    await clickThrough(page.getByRole("link", { name: /open sessions? of Ben/ }));
    const end = page.getByRole("button", { name: /^End the session/ });
    const before = await end.count();
    await clickThrough(end.first());
    await eventually(() => statusText(page)).toBe("The session is ended.");
    expect(await end.count()).toBe(before - 1);
    await ben.reload();
    expect(new URL(ben.url()).pathname).toBe("/sign-in");
  });

  it("a token is made and revoked", async () => {
    const page = await signedIn("/settings/tokens", { ...plain, expected: [/\b400\b/] });
    await page.getByLabel("Name: which machine or job").fill("hourly");
    await clickThrough(page.getByRole("button", { name: "Make the token" }));
    await page.getByRole("alert").waitFor(); // it may do nothing yet
    await page.getByLabel("Name: which machine or job").fill("hourly");
    await page.getByRole("group", { name: "May read" }).getByLabel("all feeds").check();
    await clickThrough(page.getByRole("button", { name: "Make the token" }));
    const token = await page.getByRole("textbox", { name: "Token", exact: true }).inputValue();
    const ask = async () =>
      (await fetch(weir.url("/api/v1/feeds"), { headers: { authorization: `Bearer ${token}` } })).status;
    expect(await ask()).toBe(200);
    await clickThrough(page.getByRole("button", { name: "Revoke hourly" }));
    await eventually(() => statusText(page)).toContain("It is revoked");
    expect(await ask()).toBe(401);
  });

  it("one's own other session is ended, and the log tells of it", async () => {
    const other = await signedIn("/settings/account", plain);
    const page = await signedIn("/settings/account", plain);
    const end = page.getByRole("button", { name: /^End the session/ });
    const before = await end.count();
    await clickThrough(end.first());
    await eventually(() => statusText(page)).toBe("The session is ended.");
    expect(await end.count()).toBe(before - 1);
    await other.reload();
    expect(new URL(other.url()).pathname).toBe("/sign-in");
    await page.goto(weir.url("/settings/audit"));
    await page.getByLabel("Action").fill("session.revoke");
    await clickThrough(page.getByRole("button", { name: "Search" }));
    expect(await page.getByRole("row").count()).toBeGreaterThan(2);
    expect(new URL(page.url()).searchParams.get("action")).toBe("session.revoke");
  });
});
