/**
 * Pictures of the pages of a running server, in both themes and three widths, for looking at them critically:
 *
 *   node scripts/screenshots.mjs http://127.0.0.1:3000 OUT_FOLDER [/path …]
 *
 * Without paths: the on-call page, the newest events of each feed, the dead letters, the batch of the newest event, the page
 * two hours ago, and an address that does not exist. Start `npm run demo` first to have something to see. Needs a Chromium
 * (WEIR_CHROMIUM names one; otherwise /usr/bin/chromium).
 */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { chromium } from "playwright";

const [address = "", folder = "screenshots", ...paths] = process.argv.slice(2);
if (!/^https?:\/\//.test(address)) {
  process.stderr.write("Usage: node scripts/screenshots.mjs ADDRESS OUT_FOLDER [PATH …]\n");
  process.exit(2);
}

const WIDTHS = [320, 1280, 2560];
const FLAGS =
  "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync";

await mkdir(folder, { recursive: true });
const browser = await chromium.launch({
  executablePath: process.env.WEIR_CHROMIUM ?? "/usr/bin/chromium",
  args: FLAGS.split(" "),
});
for (const [name, path] of paths.length > 0 ? paths.map((path) => [nameOf(path), path]) : await usualPages()) {
  for (const colorScheme of ["light", "dark"]) {
    for (const width of WIDTHS) {
      const height = width === 320 ? 720 : Math.round(width * 0.625);
      const page = await browser.newPage({ viewport: { width, height }, colorScheme });
      await page.goto(address + path, { waitUntil: "load" });
      // The age of the data stands once the stream is greeted; pages of the past have no stream.
      await page
        .locator("#link-state")
        .first()
        .waitFor({ state: "attached", timeout: 2_000 })
        .catch(() => undefined);
      await page.waitForTimeout(600);
      await page.screenshot({ path: join(folder, `${name}-${colorScheme}-${width}.png`) });
      await page.close();
    }
  }
  process.stdout.write(`${name}\n`);
}
await browser.close();

async function usualPages() {
  const { feeds } = await (await fetch(`${address}/api/v1/feeds`)).json();
  const pages = [
    ["on-call", "/"],
    ["on-call-2h-ago", "/?at=-2h"],
    ["nothing-here", "/nothing-here"],
  ];
  for (const { feed } of feeds) {
    pages.push([`feed-${feed}`, `/feeds/${feed}`], [`dead-letters-${feed}`, `/feeds/${feed}/dead-letters`]);
    const { rows } = await (await fetch(`${address}/api/v1/feeds/${feed}/rows?limit=1`)).json();
    const batch = rows[0]?.correlationId;
    if (batch) pages.push([`batch`, `/batches/${encodeURIComponent(batch)}`]);
  }
  return pages;
}

function nameOf(path) {
  return path.replace(/[^\w.-]+/g, "-").replace(/^-|-$/g, "") || "on-call";
}
