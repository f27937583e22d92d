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

/**
 * Waits until a script of the page has set these numbers. It waits inside the page: to wait for a function from outside, Playwright
 * first brings 330 kB of script into a page that is still loading.
 *
 * @param names of globals of the page
 */
export const marksOf = <Name extends string>(page: Page, names: readonly Name[]): Promise<Record<Name, number>> =>
  page.evaluate(
    (wanted) =>
      new Promise<Record<Name, number>>((resolve, reject) => {
        const until = performance.now() + 30_000;
        const all = globalThis as unknown as Record<string, number | undefined>;
        const look = () => {
          if (performance.now() > until) reject(new Error(`The page has not set ${wanted.join(", ")} within 30 s.`));
          else if (wanted.some((name) => all[name] === undefined)) setTimeout(look, 20);
          else resolve(Object.fromEntries(wanted.map((name) => [name, all[name]])) as Record<Name, number>);
        };
        look();
      }),
    names,
  );
