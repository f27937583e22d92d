/** Problems: the list, the page of one, merging and splitting by hand, searching in errors, what is different. */
import { beforeAll, describe, expect, it } from "vitest";
import { browserTabs, clickThrough, eventually } from "../support/browser";
import { scrollsSideways, untilLive, violations } from "../support/pages";
import { runningWeir } from "../support/weir";

const weir = runningWeir();
const { open } = browserTabs();
const plain = { javaScriptEnabled: false };

beforeAll(async () => {
  const failure = (i: number, host: string, errorMessage: string) =>
    weir.event({
      eventId: `e-${i}`,
      correlationId: `b-${i}`,
      pipelineName: "orders",
      stageName: "load",
      status: "FAILED",
      host,
      errorMessage,
    });
  await weir.publish([
    failure(1, "db-7", "Timeout connecting to db-7.prod.internal:5432 after 3 s\n<b>trace</b>"),
    failure(2, "db-7", "Timeout connecting to db-7.prod.internal:5432 after 9 s"),
    failure(3, "db-8", "Timeout connecting to db-8.prod.internal:5432 after 40 s"),
    failure(4, "db-8", "no disk"),
    ...Array.from({ length: 30 }, (_, i) =>
      weir.event({
        eventId: `ok-${i}`,
        correlationId: `ok-${i}`,
        pipelineName: "stock",
        status: "COMPLETED",
        host: "db-8",
      }),
    ),
  ]);
  await weir.untilControl();
});

describe("problems", { timeout: 120_000 }, () => {
  it("are walked, opened, acknowledged and muted by keys", async () => {
    const page = await open(weir.url("/"));
    await untilLive(page);
    await page.keyboard.press("j");
    await eventually(() => page.locator("tr.picked").innerText()).toContain("orders");
    await page.keyboard.press("m");
    await page.waitForURL(/\/problems\/[^/]+#mute-title$/);
    await untilLive(page);
    await page.keyboard.press("a");
    const acknowledge = page.getByRole("region", { name: "Acknowledgement" });
    await eventually(() => acknowledge.getByLabel("Reason").evaluate((field) => field === document.activeElement)).toBe(
      true,
    );
    await page.keyboard.type("I look at it");
    await page.keyboard.press("Enter");
    await acknowledge.getByText("acknowledged by").waitFor();
    await page.keyboard.press("g");
    await page.keyboard.press("p");
    await page.waitForURL(/\/problems$/);
    await untilLive(page);
    await page.keyboard.press("j");
    await page.keyboard.press("j");
    await eventually(() => page.locator("tr.picked").count()).toBe(1);
    await page.keyboard.press("o");
    await page.waitForURL(/\/problems\/./);
    // A page without a search of its own leads to the one over everything.
    await page.keyboard.press("/");
    await page.getByRole("dialog", { name: "Go to" }).waitFor();
  });

  it("are listed, split, merged and grouped as before without script", async () => {
    const page = await open(weir.url("/problems?state=failing"), plain);
    expect(await page.locator("tbody tr").count()).toBe(2);
    await clickThrough(page.getByRole("row", { name: /Timeout/ }).getByRole("link", { name: /orders/ }));
    // A page does not wait for a database that is busy: then it has no forms, and the next one has them.
    const split = page.getByLabel("Split off the failures whose error has this text");
    await eventually(async () => {
      await page.reload();
      return split.count();
    }).toBe(1);
    await split.fill("DB-7");
    await clickThrough(page.getByRole("button", { name: "Split off", exact: true }).last());
    await page.getByText("It is split").waitFor();
    expect(await page.getByText("Split off from it").count()).toBe(1);
    await page.goto(weir.url("/problems?q=timeout"));
    expect(await page.locator("tbody tr").count()).toBe(2);
    await clickThrough(
      page
        .getByRole("row", { name: /no disk|db-8/ })
        .getByRole("link", { name: /orders/ })
        .first(),
    );
    await clickThrough(page.getByRole("button", { name: /^Undo/ }));
    await page.getByText("It is grouped as before").waitFor();
    await clickThrough(page.getByRole("button", { name: "Merge" }));
    // The address of what was merged leads to what it was merged into.
    await page.getByText("Merged into it").waitFor();
    expect(await page.getByText("merged by hand").count()).toBe(1);
    await page.goto(weir.url("/problems"));
    expect(await page.locator("tbody tr").count()).toBe(1);
  });

  it("are given to other programs as they are listed", async () => {
    const page = await open(weir.url("/problems?state=failing&pipeline=orders"), plain);
    await page.getByText("Export", { exact: true }).click();
    const hrefOf = async (name: string) => (await page.getByRole("link", { name, exact: true }).getAttribute("href"))!;
    const csv = await fetch(weir.url(await hrefOf("CSV of these rows")));
    expect(csv.headers.get("content-type")).toMatch(/^text\/csv/);
    const [head, line, end] = (await csv.text()).split("\r\n");
    expect(head).toMatch(/^id,state,pipelineName,stageName,error,since,/);
    expect(line).toMatch(/,failing,orders,load,/);
    expect(end).toBe("");
    const json = (await (await fetch(weir.url(await hrefOf("JSON: All that match")))).json()) as Record<
      string,
      unknown
    >;
    expect(json).toMatchObject({
      view: "problems",
      matching: 1,
      next: null,
      rows: [{ state: "failing", pipelineName: "orders" }],
    });
    const refused = await fetch(weir.url("/problems?format=xml"));
    expect(refused.headers.get("content-type")).toContain("application/problem+json");
    expect(await refused.json()).toMatchObject({ status: 400, detail: expect.stringContaining("json, ndjson or csv") as string }); // prettier-ignore
  });

  it("are found by words of their errors, with what was looked for marked and nothing else made markup (invariant 8)", async () => {
    const page = await open(weir.url("/search?q=TRACE+%22connecting+to%22"), plain);
    expect(await page.locator("mark").allInnerTexts()).toContain("connecting to");
    expect(await page.getByText("Searched everything that is kept").count()).toBe(1);
    const refused = await fetch(weir.url(`/api/v1/search?q=${"x".repeat(301)}`));
    expect(refused.status).toBe(400);
  });

  it("show what is different about them", async () => {
    const page = await open(weir.url("/feeds/pipeline_events/differences?status=FAILED"), plain);
    expect(await page.getByRole("heading", { level: 3 }).first().innerText()).toContain("pipelineName");
    await clickThrough(page.getByRole("link", { name: "Events with pipelineName orders" }));
    expect(new URL(page.url()).searchParams.get("pipelineName")).toBe("orders");
  });

  // The page of one as it is now, the list, the search and the differences are looked at in accessibility.e2e.ts.
  it("are accessible as of an instant, in both themes, on a desk and a phone", async () => {
    const { rows } = (await (await fetch(weir.url("/api/v1/views/problems/rows"))).json()) as {
      rows: { id: string }[];
    };
    const page = await open(weir.url(`/problems/${rows[0]!.id}?at=now`));
    const flaws: string[] = [];
    for (const [colorScheme, width] of [
      ["light", 1280],
      ["dark", 320],
    ] as const) {
      await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
      await page.setViewportSize({ width, height: 800 });
      flaws.push(...(await violations(page)).map((flaw) => `${colorScheme}: ${flaw}`));
      if (await scrollsSideways(page)) flaws.push(`${width}: scrolls sideways`);
    }
    expect(flaws).toEqual([]);
  });
});
