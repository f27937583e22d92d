/** A server with a secret. */
import { beforeAll, describe, expect, it } from "vitest";
import { browserTabs, eventually } from "../support/browser";
import { eventRow, FEED_PAGE, untilLive } from "../support/pages";
import { runningWeir } from "../support/weir";

const SECRET = "a-long-enough-secret";
const bearer = { authorization: `Bearer ${SECRET}` };
const weir = runningWeir(() => Promise.resolve({ WEIR_SECRET: SECRET }));
const { open } = browserTabs();

beforeAll(async () => {
  await weir.publishTo("pipeline_events", [weir.event({ eventId: "e-1", correlationId: "batch-a" })], bearer);
});

describe("a server with a secret", () => {
  it("asks for it, refuses a wrong one, and goes where the person wanted to go", async () => {
    const page = await open(weir.url(`${FEED_PAGE}?status=COMPLETED`), { expected: [/\b401\b/] });
    expect(new URL(page.url()).pathname).toBe("/sign-in");
    const secret = page.getByLabel("Secret of this server");
    await secret.fill("not the secret at all");
    await page.getByRole("button", { name: "Use the secret" }).click();
    await eventually(() => page.getByRole("alert").innerText()).toContain("That is not the secret.");
    await secret.fill(SECRET);
    await page.getByRole("button", { name: "Use the secret" }).click();
    await eventRow(page, "batch-a").waitFor();
    expect(page.url()).toBe(weir.url(`${FEED_PAGE}?status=COMPLETED`));

    await untilLive(page);
    await weir.publishTo("pipeline_events", [weir.event({ eventId: "e-2", correlationId: "batch-b" })], bearer);
    await eventRow(page, "batch-b").waitFor();
    const cookies = await page.context().cookies();
    expect(cookies.find(({ name }) => name === "weir_session")).toMatchObject({ httpOnly: true, sameSite: "Lax" });
    expect(cookies.map(({ value }) => value).join()).not.toContain(SECRET);
  });

  it("never sends anybody to another site afterwards", async () => {
    for (const back of ["//example.org/", "https://example.org/", "/\\example.org"]) {
      const page = await open(weir.url(`/sign-in?back=${encodeURIComponent(back)}`), { javaScriptEnabled: false });
      await page.getByLabel("Secret of this server").fill(SECRET);
      await page.getByRole("button", { name: "Use the secret" }).click();
      await page.getByRole("region", { name: "State of this page" }).waitFor();
      expect(new URL(page.url()).origin).toBe(weir.address);
    }
  });

  it("answers calls that carry it, and only those", async () => {
    const status = async (path: string, headers: Record<string, string> = {}) =>
      (await fetch(weir.url(path), { headers })).status;
    expect(await status("/api/v1/feeds")).toBe(401);
    expect(await status("/api/v1/feeds", { authorization: "Bearer not-the-secret-at-all" })).toBe(401);
    expect(await status("/api/v1/feeds", bearer)).toBe(200);
    expect(await status("/api/v1/live?topics=feeds/pipeline_events")).toBe(401);
    expect(await status("/metrics")).toBe(401);
    expect(await status("/healthz")).toBe(200);
    const refused = await fetch(weir.url("/api/v1/feeds"));
    expect(refused.headers.get("content-type")).toContain("application/problem+json");
    expect(await refused.json()).toMatchObject({ type: "urn:weir:unauthorized", status: 401 });
  });
});
