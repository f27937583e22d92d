/** An installed Chromium, driven by Playwright. Each visit has a fresh context: nothing cached, nothing kept. */
import { existsSync } from "node:fs";
import { chromium, type Browser, type Page } from "playwright";

const ARGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-background-networking",
  "--disable-component-update",
  "--no-first-run",
];

export async function launchBrowser(): Promise<Browser> {
  const executablePath = process.env["WEIR_CHROMIUM"] ?? "/usr/bin/chromium";
  if (!existsSync(executablePath)) throw new Error(`There is no ${executablePath}: set WEIR_CHROMIUM to a Chromium.`);
  return chromium.launch({ executablePath, args: ARGS });
}

/** @param init runs in the page before anything of it */
export async function withPage<T>(
  browser: Browser,
  init: (() => void) | null,
  work: (page: Page) => Promise<T>,
): Promise<T> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
  try {
    const page = await context.newPage();
    if (init) await page.addInitScript(init);
    return await work(page);
  } finally {
    await context.close();
  }
}
