/** What people decide, on pages: acknowledgements, mutes and notes of problems, owners, saved views, preferences. */
import type { Page } from "playwright";
import { beforeAll, describe, expect, it } from "vitest";
import { browserTabs, clickThrough, eventually } from "../support/browser";
import { HOSTILE } from "../support/hostile-text";
import {
  COLOURS,
  FEED_PAGE,
  columnTexts,
  eventRows,
  isMarked,
  markPage,
  problemList,
  problemRow,
  scrollsSideways,
  stateText,
  untilLive,
  violations,
} from "../support/pages";
import { runningWeir } from "../support/weir";

const weir = runningWeir();
const { open } = browserTabs();
const plain = { javaScriptEnabled: false };

/** Leads to the problem, whoever is on it. */
const problemLink = (page: Page, pipeline: string) =>
  problemRow(page, pipeline).getByRole("rowheader").getByRole("link");
const act = (page: Page, pipeline: string) => problemRow(page, pipeline).getByRole("link", { name: "Acknowledge" });

beforeAll(async () => {
  await weir.publish([
    weir.event({
      eventId: "e-1",
      correlationId: "b-1",
      pipelineName: "orders",
      status: "FAILED",
      errorMessage: "no disk",
    }),
    weir.event({
      eventId: "e-2",
      correlationId: "b-2",
      pipelineName: "billing",
      status: "FAILED",
      errorMessage: "no net",
    }),
    weir.event({ eventId: "e-3", correlationId: "b-3", pipelineName: "stock", status: "COMPLETED" }),
  ]);
  await weir.untilControl();
});

async function put(path: string, body: object): Promise<void> {
  const headers = { "content-type": "application/json" };
  const answer = await fetch(weir.url(`/api/v1/${path}`), { method: "PUT", headers, body: JSON.stringify(body) });
  expect(answer.status).toBe(200);
}

async function writeNote(path: string, text: string): Promise<void> {
  const headers = { "content-type": "application/json" };
  const answer = await fetch(weir.url(`/api/v1${path}/notes`), { method: "POST", headers, body: JSON.stringify({ text }) }); // prettier-ignore
  expect(answer.status).toBe(201);
}

/** All rules once; then those whose answer may change with the colours. */
const LOOKS = [
  { colorScheme: "light", width: 320, rules: null },
  { colorScheme: "dark", width: 1280, rules: COLOURS },
] as const;

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

describe("a problem", { timeout: 120_000 }, () => {
  it("that is acknowledged and muted on one page, by keyboard, is so on another open page, which does not reload", async () => {
    const [one, other] = [await open(weir.url("/")), await open(weir.url("/"))];
    for (const page of [one, other]) await untilLive(page);
    await markPage(other);
    await act(one, "orders").focus();
    await one.keyboard.press("Enter");
    await one.getByRole("heading", { name: "Acknowledgement" }).waitFor();
    await one.getByRole("textbox", { name: "Reason" }).first().focus();
    await one.keyboard.type("the disk is being replaced");
    await one.keyboard.press("Enter");
    await one.getByText("The problem is acknowledged.").waitFor();
    await eventually(() => problemList(other).innerText()).toContain("acknowledged by local user");
    expect(await problemList(other).innerText()).toContain("the disk is being replaced");
    expect(await problemList(other).innerText()).toContain("2 problems");
    await one.getByRole("textbox", { name: "Reason" }).last().fill("known");
    await one.getByRole("button", { name: "Mute", exact: true }).click();
    await one.getByText("The problem is muted").waitFor();
    await eventually(() => problemList(other).innerText()).toContain("1 problem, 1 muted");
    await one.getByRole("button", { name: "Withdraw the acknowledgement" }).click();
    await eventually(() => problemList(other).innerText()).not.toContain("acknowledged by");
    expect(await isMarked(other)).toBe(true);
    const past = await open(weir.url("/?at=now"));
    expect(await problemList(past).innerText()).toContain("of the present, not of this instant");
  });

  it("shows its owner with runbook, logs and rerun, at once on open pages, and in the attempts of its batch", async () => {
    const page = await open(weir.url("/"));
    await untilLive(page);
    await put("pipelines/billing/owner", {
      owner: "Finance",
      runbookUrl: "https://wiki.example.org/billing",
      logsTemplate: "https://logs.example.org/{pipeline}/{stage}?at={at}",
      rerunTemplate: "https://run.example.org/{batch}/{event}",
    });
    const runbook = problemList(page).getByRole("link", { name: "Runbook of billing" });
    // Where the database is busy the page asks for it again, seconds later.
    await eventually(() => runbook.count(), 30_000).toBe(1);
    expect(await runbook.getAttribute("href")).toBe("https://wiki.example.org/billing");
    expect(await problemList(page).innerText()).toContain("Finance");
    expect(
      await problemList(page)
        .getByRole("link", { name: /^Logs of billing/ })
        .getAttribute("href"),
    ).toMatch(/^https:\/\/logs\.example\.org\/billing\//);
    const batch = await open(weir.url("/batches/b-2"), plain);
    const rerun = batch.getByRole("link", { name: /^Rerun of/ });
    expect(await rerun.getAttribute("href")).toBe("https://run.example.org/b-2/e-2");
  });

  it("is acknowledged, noted and withdrawn without script", async () => {
    const page = await open(weir.url("/"), { ...plain, expected: [/400/] });
    await clickThrough(act(page, "billing"));
    await page.getByRole("textbox", { name: "Reason" }).first().fill("on it");
    await page.getByRole("combobox", { name: "Acknowledge for" }).selectOption("4 hours");
    await clickThrough(page.getByRole("button", { name: "Acknowledge", exact: true }));
    await page.getByText("acknowledged by local user").waitFor();
    const address = page.url().split("?", 1)[0]!;
    const texts = HOSTILE.filter((one) => !one.includes("\u0007"));
    const [byForm, ...others] = texts;
    await page.getByRole("textbox", { name: "Write a note" }).fill(byForm!);
    await clickThrough(page.getByRole("button", { name: "Add the note" }));
    await page.getByText("The note is kept.").waitFor();
    for (const text of others) await writeNote(new URL(address).pathname, text);
    // A page does not wait for a database that is busy: then it says so, and the next one has the notes.
    await eventually(async () => {
      await page.goto(address);
      return page.locator(".notes li").count();
    }).toBe(texts.length);
    expect(await page.locator("main img, main iframe, main a[href^='javascript:' i]").count()).toBe(0);
    await clickThrough(page.getByRole("button", { name: /^Delete the note/ }).first());
    await page.getByText("The note is deleted.").waitFor();
    await page.getByRole("textbox", { name: "Reason" }).first().fill(HOSTILE[0]!);
    await clickThrough(page.getByRole("button", { name: "Acknowledge anew" }));
    await page.goto(weir.url("/"));
    expect(await problemList(page).innerText()).toContain(HOSTILE[0]!);
    expect(await page.locator("main script:not([nonce])").count()).toBe(0);
  });

  it("hears of others on its own page, and keeps what is being typed", async () => {
    const page = await open(weir.url("/"));
    await clickThrough(problemLink(page, "billing"));
    await page.getByRole("textbox", { name: "Write a note" }).fill("half a sent");
    const id = new URL(page.url()).pathname.split("/").pop()!;
    await eventually(async () => {
      await put(`problems/${id}/mute`, { reason: "quiet", expiresAt: Date.now() + 60_000 });
      return page.locator("#changed").innerText();
    }).toContain("Somebody has changed this problem");
    expect(await page.getByRole("textbox", { name: "Write a note" }).inputValue()).toBe("half a sent");
  });
});

describe("a saved view", { timeout: 120_000 }, () => {
  it("is saved and shared without script, another person sees it, and it opens as a default with a way out", async () => {
    const page = await open(weir.url(`${FEED_PAGE}?status=FAILED&from=-2h`), { ...plain, expected: [/409/] });
    // A page does not wait for a database that is busy: then the menu says so, and the next page has it.
    const name = page.getByRole("textbox", { name: "Save this page as" });
    await eventually(async () => {
      await page.reload();
      await page.getByText("Views", { exact: true }).click();
      return name.count();
    }).toBe(1);
    await name.fill("Broken lately");
    await page.getByRole("checkbox", { name: "Share with the team" }).check();
    await clickThrough(page.getByRole("button", { name: "Save" }));
    expect(new URL(page.url()).search).toBe("?status=FAILED&from=-2h");
    const other = await open(weir.url(FEED_PAGE));
    await other.getByText("Views", { exact: true }).click();
    await clickThrough(other.getByRole("link", { name: "Broken lately" }));
    await eventually(() => eventRows(other).count()).toBe(2);
    await other.getByText("Views", { exact: true }).click();
    await clickThrough(other.getByRole("link", { name: "All saved views" }));
    await other.getByRole("button", { name: "Make default: Broken lately" }).click();
    await other.getByText("The view is changed.").waitFor();
    await other.goto(weir.url(FEED_PAGE));
    expect(new URL(other.url()).search).toBe("?status=FAILED&from=-2h");
    await other.getByText("Views", { exact: true }).click();
    await clickThrough(other.getByRole("link", { name: "Everything, without a view" }));
    await eventually(() => eventRows(other).count()).toBe(3);
    await other.goto(weir.url(`${FEED_PAGE}?status=FAILED`));
    await clickThrough(other.getByRole("link", { name: "Remove: Status is FAILED" }));
    await eventually(() => eventRows(other).count()).toBe(3);
    expect(new URL(other.url()).search).toBe("");
    await page.goto(weir.url("/settings/views"));
    await clickThrough(page.getByRole("button", { name: "No default: Broken lately" }));
    await clickThrough(page.getByRole("button", { name: "Star: Broken lately" }));
    await page.getByRole("textbox", { name: "New name of Broken lately" }).fill("Broken");
    await clickThrough(page.getByRole("button", { name: "Rename Broken lately" }));
    expect(await flaws(other)).toEqual([]);
    await clickThrough(page.getByRole("button", { name: "Delete: Broken" }));
    await page.getByText("The view is deleted.").waitFor();
  });
});

describe("preferences", { timeout: 120_000 }, () => {
  it("hold from the next page on, without script", async () => {
    const page = await open(weir.url("/settings/preferences"), plain);
    await page.getByRole("combobox", { name: "Theme" }).selectOption("Dark");
    await page.getByRole("combobox", { name: /^Time zone/ }).fill("Asia/Kathmandu");
    await page.getByRole("combobox", { name: "Density" }).selectOption("Compact");
    await page.getByRole("checkbox", { name: "Single keys are shortcuts" }).uncheck();
    await clickThrough(page.getByRole("button", { name: "Save" }));
    await page.getByText("Your preferences are kept").waitFor();
    const html = page.locator("html");
    expect(await html.getAttribute("data-theme")).toBe("dark");
    expect(await html.getAttribute("class")).toContain("compact");
    expect(await html.getAttribute("data-keys")).toBe("off");
    await page.goto(weir.url(FEED_PAGE));
    expect(await stateText(page)).toContain("Asia/Kathmandu");
    expect(await eventRows(page).first().innerText()).toContain("+05:45");
  });

  it("hold for rows that arrive and for keys", async () => {
    const page = await open(weir.url("/settings/preferences"));
    await page.getByRole("combobox", { name: /^Time zone/ }).fill("Asia/Kathmandu");
    await page.getByRole("checkbox", { name: "Single keys are shortcuts" }).uncheck();
    await clickThrough(page.getByRole("button", { name: "Save" }));
    await page.getByText("Your preferences are kept").waitFor();
    await page.goto(weir.url(FEED_PAGE));
    await untilLive(page);
    await page.keyboard.press("?");
    await weir.publish([weir.event({ eventId: "e-9", pipelineName: "stock" })]);
    await eventually(() => eventRows(page).count()).toBe(4);
    expect(await columnTexts(page, "Timestamp")).toSatisfy((texts: string[]) =>
      texts.every((text) => text.endsWith("+05:45")),
    );
    expect(await page.getByRole("dialog", { name: "Keys" }).isVisible()).toBe(false);
  });
});

describe("pages of what people decide break no rule of accessibility", { timeout: 180_000 }, () => {
  // Preferences are looked at in accessibility.e2e.ts.
  it.each(["/settings/pipelines?pipeline=billing", "/"])("%s", async (path) => {
    expect(await flaws(await open(weir.url(path)))).toEqual([]);
  });

  it("the page of a problem, with its notes, and the menu of views", async () => {
    const page = await open(weir.url("/"));
    await clickThrough(problemLink(page, "billing"));
    await page.getByRole("heading", { name: "Notes" }).waitFor();
    expect(await flaws(page)).toEqual([]);
    await page.goto(weir.url(FEED_PAGE));
    await page.getByText("Views", { exact: true }).click();
    expect(await flaws(page)).toEqual([]);
  });
});
