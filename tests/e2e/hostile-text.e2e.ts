/** Event text is data: on every page, in every live patch, in addresses and in dead letters (invariant 8). */
import type { Page } from "playwright";
import { describe, expect, it } from "vitest";
import { browserTabs, eventually } from "../support/browser";
import { EVERY_PAGE, everySample, pathOf } from "../support/every-page";
import { HOSTILE } from "../support/hostile-text";
import { columnTexts, eventRows, FEED_PAGE, problemList, untilLive } from "../support/pages";
import type { PipelineEvent, Status } from "../support/pipeline-event";
import { runningWeir } from "../support/weir";

const weir = runningWeir();
const { open } = browserTabs();

/** An event with this text wherever a publisher can write text. */
const laced = (text: string, i: number, status: Status, more: Partial<PipelineEvent> = {}): PipelineEvent =>
  weir.event({
    eventId: `${i}${text}`,
    correlationId: text,
    pipelineName: text,
    stageName: text,
    status,
    errorMessage: text,
    host: text,
    version: text,
    url: `https://logs.example.org/${text}`,
    labels: { [`label ${text}`]: text },
    ...more,
  });

/** What must not be on any page: run script, or elements that no component of Weir makes. */
const injected = (page: Page): Promise<string[]> => page.evaluate(look, null);

/** The same of a document that is parsed and not shown: no script of it runs, and its elements are all there. */
const injectedIn = (page: Page, html: string): Promise<string[]> => page.evaluate(look, html);

/** Runs in the browser. @param html null = the page that is shown */
function look(html: string | null): string[] {
  const document = html === null ? window.document : new DOMParser().parseFromString(html, "text/html");
  const found = [
    "main iframe, main img, main object, main embed, main base, meta[http-equiv], base",
    "[onerror], [onload], [onmouseover], [onfocus], [autofocus], svg[onload]",
    "a[href^='javascript:' i], a[href^='data:' i], form[action^='javascript:' i]",
    "#rows style, main p style, dialog style",
  ].flatMap((selector) => [...document.querySelectorAll(selector)].map((element) => element.outerHTML));
  // Ours carry the nonce of this answer, which no event can know.
  const nonceOf = (script: Element | null | undefined) =>
    (script as HTMLScriptElement | null)?.nonce || script?.getAttribute("nonce");
  const nonce = nonceOf(document.querySelector("script[nonce]"));
  const scripts = [...document.querySelectorAll("main script")].filter(
    // What is no script but data never runs.
    (script) => script.getAttribute("type") !== "application/json" && (!nonce || nonceOf(script) !== nonce),
  );
  found.push(...scripts.map((script) => script.outerHTML));
  return "pwned" in window ? ["script ran", ...found] : found;
}

/** Runs in the browser: how many rows a page that is not shown has, and what it searches for. */
function readFilters(html: string): { rows: number; search: string | null } {
  const document = new DOMParser().parseFromString(html, "text/html");
  const search = document.querySelector<HTMLInputElement>("input[type=search]");
  return { rows: document.querySelectorAll("#rows tbody > tr").length, search: search?.value ?? null };
}

/** The document at an address, whatever its status. */
const sent = async (address: string): Promise<string> =>
  (await fetch(address, { headers: { accept: "text/html" } })).text();

/** One of so many addresses that differ in nothing but the text is also shown in a browser. */
const SHOWN_OF = 4;

/** What a cell shows of a text: trimmed, controls as the sign for what cannot be shown. */
const shownOf = (text: string) => text.trim().replace("\u0007", "\uFFFD");

/** So many events are on the on-call page. */
const NEWEST_SHOWN = 10;

const newestFirst = HOSTILE.map(shownOf).reverse();

describe("hostile text of events", { timeout: 120_000 }, () => {
  it("is text in rows that arrive on an open page, in its counts and its problems", async () => {
    await weir.publish([weir.event({ eventId: "first", eventTimestamp: Date.now() - 3_600_000 })]);
    const [onCall, feed] = [await open(weir.url("/")), await open(weir.url(FEED_PAGE))];
    for (const page of [onCall, feed]) await untilLive(page);
    await weir.publish(HOSTILE.map((text, i) => laced(text, i, "RUNNING")));
    for (const page of [onCall, feed]) {
      await eventually(() => eventRows(page).count()).toBe(page === feed ? HOSTILE.length + 1 : NEWEST_SHOWN);
      for (const column of ["Error", "Pipeline", "Stage"])
        expect((await columnTexts(page, column)).slice(0, NEWEST_SHOWN)).toEqual(newestFirst.slice(0, NEWEST_SHOWN));
      expect(await injected(page)).toEqual([]);
    }
    // The same rows again, changed in place; every one of them is a problem now.
    await weir.publish(HOSTILE.map((text, i) => laced(text, i, "FAILED", { lastUpdatedAt: Date.now() })));
    for (const page of [onCall, feed]) {
      await eventually(async () => new Set((await columnTexts(page, "Status")).slice(0, NEWEST_SHOWN))).toEqual(
        new Set(["FAILED"]),
      );
      expect(await eventRows(page).count()).toBe(page === feed ? HOSTILE.length + 1 : NEWEST_SHOWN);
      expect(await injected(page)).toEqual([]);
    }
    await eventually(() => problemList(onCall).getByText(`${HOSTILE.length} problems`).count()).toBe(1);
    expect(await injected(onCall)).toEqual([]);
  });

  it("is text in pages that the server renders, of the present and of the past", async () => {
    const instant = await weir.publish([weir.event({ eventId: "last", eventTimestamp: Date.now() - 3_600_000 })]);
    for (const path of [FEED_PAGE, `${FEED_PAGE}?at=${instant}`]) {
      const page = await open(weir.url(path));
      const shown = path.startsWith("/feeds/") ? HOSTILE.length : NEWEST_SHOWN;
      expect((await columnTexts(page, "Error")).slice(0, shown)).toEqual(newestFirst.slice(0, shown));
      expect(await injected(page)).toEqual([]);
    }
  });

  it("is text on every page, in a browser and in what the server sent", async () => {
    const samples = await everySample(weir);
    const page = await open(weir.url("/"), { expected: [/\b(404|410)\b/] });
    for (const [name, listed] of EVERY_PAGE) {
      await page.goto(weir.url(pathOf(listed, samples)), { waitUntil: "domcontentloaded" });
      expect(await injected(page), name).toEqual([]);
    }
  });

  it("is text on every page of something that is named by it", async () => {
    const samples = await everySample(weir);
    const { rows } = (await (await fetch(weir.url("/api/v1/views/problems/rows?limit=100"))).json()) as {
      rows: { id: string }[];
    };
    expect(rows.length).toBeGreaterThanOrEqual(HOSTILE.length);
    // `..` cannot be a segment of a path.
    const named = HOSTILE.filter((text) => text !== "..").map((text, i) => ({
      ...samples,
      batch: text,
      pipeline: text,
      problem: rows[i]!.id,
    }));
    const ofOne = EVERY_PAGE.filter(([, { path }]) => /\{(batch|pipeline|problem)\}/.test(path));
    const page = await open(weir.url("/"));
    for (const [turn, [name, listed]] of ofOne.entries())
      for (const [i, one] of named.entries()) {
        // The same page compared, or of the past, takes every third text, another one than the next page does.
        if (listed.path.includes("?") && (i + turn) % 3 !== 0) continue;
        const path = pathOf(listed, one);
        const answer = await fetch(weir.url(path), { headers: { accept: "text/html" } });
        expect(answer.status, `${name} ${path}`).toBe(200);
        expect(await injectedIn(page, await answer.text()), `${name} ${path}`).toEqual([]);
      }
  });

  it("is text on the page of its batch, which its link reaches", async () => {
    const page = await open(weir.url(FEED_PAGE));
    const links = await page.evaluate(() =>
      [...document.querySelectorAll<HTMLAnchorElement>("#rows tbody a")].map((link) => [
        link.getAttribute("href")!,
        link.textContent,
      ]),
    );
    // `..` cannot be a segment of a path.
    expect(links.length).toBeGreaterThanOrEqual(HOSTILE.length - 1);
    // The pages themselves are looked at above; here it is the way to them.
    for (const [href, text] of links.filter((_, i) => i % 4 === 0)) {
      await page.goto(weir.url(href!), { waitUntil: "domcontentloaded" });
      expect(await page.getByRole("heading", { level: 1 }).innerText()).toContain(shownOf(text!).slice(0, 10));
      expect(await injected(page)).toEqual([]);
      const logs = page.getByRole("link", { name: /^Logs of/ }).first();
      if ((await logs.count()) > 0) expect(await logs.getAttribute("href")).toMatch(/^https:\/\/logs\.example\.org\//);
    }
  });

  it("is text in filters: in the form, in chips and in the addresses of links", async () => {
    const page = await open(weir.url("/"));
    for (const [i, text] of HOSTILE.entries()) {
      const query = new URLSearchParams([["q", text], ["pipelineName", text], ["stageName!", `x${text}`]]); // prettier-ignore
      const address = weir.url(`${FEED_PAGE}?${query.toString()}`);
      const html = await sent(address);
      expect(await injectedIn(page, html), text).toEqual([]);
      expect(await page.evaluate(readFilters, html), text).toEqual({ rows: 1, search: text.replaceAll(/[\r\n]/g, "") });
      if (i % SHOWN_OF !== 0) continue;
      await page.goto(address, { waitUntil: "domcontentloaded" });
      expect(await eventRows(page).count(), text).toBe(1);
      expect(await page.getByRole("searchbox").inputValue()).toBe(text.replaceAll(/[\r\n]/g, ""));
      expect(await injected(page)).toEqual([]);
    }
  });

  it("is text on the pages of errors that name it", async () => {
    const page = await open(weir.url("/"), { expected: [/40\d/] });
    const named = [`/?at=`, `${FEED_PAGE}?from=`, `${FEED_PAGE}?limit=`, `${FEED_PAGE}?after=`, `/`, `/batches/x`];
    for (const [i, text] of HOSTILE.entries()) {
      const paths = [named[i % named.length]! + encodeURIComponent(text), `${FEED_PAGE}?${encodeURIComponent(text)}=1`];
      for (const path of paths) expect(await injectedIn(page, await sent(weir.url(path))), path).toEqual([]);
      if (i % SHOWN_OF !== 0) continue;
      for (const path of paths) {
        await page.goto(weir.url(path), { waitUntil: "domcontentloaded" });
        expect(await injected(page), path).toEqual([]);
      }
      expect(await page.getByRole("main").innerText()).toContain("There is no parameter");
    }
  });

  it("is text in the reasons of dead letters, and their bytes are never a document", async () => {
    const bad = HOSTILE.map((text, i) =>
      // A scheme other than http and https is refused; so is a status that is none.
      i % 2 === 0 ? laced(text, i, "FAILED", { url: text }) : { ...laced(text, i, "FAILED"), status: text },
    );
    await weir.publishTo("pipeline_events", [weir.event({ eventId: "good" }), ...bad]);
    const page = await open(weir.url(`${FEED_PAGE}/dead-letters`));
    const letters = page.getByRole("table").getByRole("row");
    expect(await letters.count()).toBe(HOSTILE.length + 1);
    expect(await letters.filter({ hasText: "<script>window.pwned=1</script>" }).count()).toBeGreaterThan(0);
    expect(await injected(page)).toEqual([]);
    const raw = await page.getByRole("link", { name: /^Download/ }).first().getAttribute("href"); // prettier-ignore
    const answer = await fetch(weir.url(raw!));
    expect(answer.status).toBe(200);
    expect(answer.headers.get("content-type")).not.toMatch(/html|xml|javascript/);
    expect(answer.headers.get("x-content-type-options")).toBe("nosniff");
    expect(answer.headers.get("content-disposition")).toMatch(/^attachment/);
  });
});
