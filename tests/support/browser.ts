/**
 * Tabs of a real browser for one test file. Every tab is watched: an error on its console, an exception that nobody caught, a request
 * to the server that failed or a problem that it answered with fails the test, unless the test said beforehand that it
 * will come.
 */
import { chromium, type BrowserContextOptions, type Locator, type Page } from "playwright";
import { afterEach, expect, inject } from "vitest";
import { Rooms, type Room } from "./browser-rooms";

/** Effects on the page are awaited this long; nothing here measures time. */
export const PATIENCE_MS = 20_000;

/** Where script is switched off, Chromium refuses to preload it and says so in these words. */
const REFUSED_SCRIPT = /^request failed: \S+\.js csp$/;

export interface TabOptions extends Pick<
  BrowserContextOptions,
  "javaScriptEnabled" | "viewport" | "colorScheme" | "permissions"
> {
  /** Troubles that belong to the test: their text matches one of these. */
  expected?: readonly RegExp[];
}

export interface Tabs {
  /** A page with cookies, theme and size of its own, as of another person; closed when the test ends. */
  open(url: string, options?: TabOptions): Promise<Page>;
}

/** Of this worker: files that run after each other share it. */
let shared: Promise<Rooms> | null = null;

async function connect(): Promise<Rooms> {
  const browsers = inject("browsers");
  const own = (Number(process.env["VITEST_POOL_ID"]) - 1) % browsers.length;
  return new Rooms(await chromium.connect(browsers[own]!), PATIENCE_MS);
}

/** Call it once at the top of a test file. */
export function browserTabs(): Tabs {
  let taken: Room[] = [];
  let troubles: string[] = [];
  const origins = new Set<string>();

  afterEach(async () => {
    const told = troubles;
    await Promise.all(taken.map(async (room) => (await shared)?.giveBack(room, origins)));
    [taken, troubles] = [[], []];
    expect(told, "what went wrong in the browser").toEqual([]);
  });

  return {
    async open(url, { expected = [], javaScriptEnabled = true, ...options } = {}) {
      const rooms = await (shared ??= connect());
      const room = await rooms.take(javaScriptEnabled);
      taken.push(room);
      const page = await newTab(room, options);
      const known = javaScriptEnabled ? expected : [...expected, REFUSED_SCRIPT];
      const { origin } = new URL(url);
      if (origin !== "null") origins.add(origin);
      watch(page, origin, (trouble) => {
        if (!known.some((pattern) => pattern.test(trouble))) troubles.push(trouble);
      });
      await page.goto(url);
      return page;
    },
  };
}

async function newTab({ context }: Room, { permissions, viewport, colorScheme }: TabOptions): Promise<Page> {
  if (permissions) await context.grantPermissions(permissions);
  const page = await context.newPage();
  if (viewport) await page.setViewportSize(viewport);
  if (colorScheme) await page.emulateMedia({ colorScheme });
  return page;
}

function watch(page: Page, origin: string, tell: (trouble: string) => void): void {
  const isOurs = (url: string) => url.startsWith(`${origin}/`);
  page.on("console", (message) => {
    if (message.type() === "error") tell(`console.error: ${message.text()}`);
  });
  page.on("pageerror", (error) => tell(`exception: ${error.stack ?? error.message}`));
  page.on("requestfailed", (request) => {
    const reason = request.failure()?.errorText ?? "";
    // Leaving a page ends its requests.
    if (isOurs(request.url()) && reason !== "net::ERR_ABORTED") tell(`request failed: ${request.url()} ${reason}`);
  });
  page.on("response", (response) => {
    if (isOurs(response.url()) && response.status() >= 400) tell(`answer ${response.status()}: ${response.url()}`);
  });
}

/** Polls until the matcher that follows holds: `await eventually(() => rowCount(page)).toBe(3)`. */
export const eventually = <T>(probe: () => T | Promise<T>, withinMs = PATIENCE_MS) =>
  expect.poll(probe, { timeout: withinMs, interval: 40 });

/**
 * Clicks what leads to another page (a link, the button of a form) and waits until all of that page's document is there. A click
 * by itself is over when the answer begins: what is read next and does not wait, such as texts and counts, could be read from
 * the first half of a page.
 */
export async function clickThrough(target: Locator): Promise<void> {
  const arrived = target.page().waitForEvent("domcontentloaded", { timeout: PATIENCE_MS });
  await Promise.all([arrived, target.click()]);
}
