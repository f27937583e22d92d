/**
 * Pictures of every page, in both themes and three widths, for looking at them critically:
 *
 *   node scripts/screenshots.mjs [OUT_FOLDER] [--of ADDRESS] [--only NAME,NAME…] [--whole]
 *
 * Without an address it starts a server on a folder of its own and replays the day that the demo recorded, so that pages have
 * something to show. OUT_FOLDER is `.weir/screenshots` unless told; its `index.html` shows them side by side. `--whole` takes pages
 * from top to bottom instead of one window. Pages are those of page-list.mjs. Needs a build (`npm run build`) and a Chromium
 * (WEIR_CHROMIUM names one; otherwise /usr/bin/chromium).
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import { chromium } from "playwright";
import { DemoServer } from "./demo/server.mjs";
import { addressOf, PAGES, samplesOf } from "./page-list.mjs";
import { inRoot } from "./paths.mjs";

const WIDTHS = [390, 1366, 2560];
const THEMES = ["light", "dark"];
const FLAGS =
  "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync";
/** Effects are awaited this long; a picture is taken all the same. */
const PATIENCE_MS = 5_000;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { of: { type: "string" }, only: { type: "string" }, whole: { type: "boolean", default: false } },
});
const folder = path.resolve(positionals[0] ?? inRoot(".weir", "screenshots"));
const only = values.only?.split(",");

const server = values.of === undefined ? await startServer() : null;
try {
  await takeAll(server?.address ?? values.of);
} finally {
  await server?.close();
}

async function startServer() {
  const dataDir = mkdtempSync(path.join(os.tmpdir(), "weir-pictures-"));
  process.env.WEIR_PORT ??= "0";
  const demo = new DemoServer(dataDir, path.join(dataDir, "server.log"), {});
  const close = async () => {
    await demo.stop();
    rmSync(dataDir, { recursive: true, force: true });
  };
  try {
    await demo.replay(inRoot("scripts", "demo", "recording.avro"), Date.now() - 60_000);
    await demo.start();
    await addWhatPeopleMake(demo.address);
  } catch (error) {
    await close();
    throw error;
  }
  return { address: demo.address, close };
}

/** A dashboard, a saved view, somebody on a problem, an event that could not be taken. */
async function addWhatPeopleMake(address) {
  await untilReady(address);
  const form = (fields) => ({ method: "POST", body: new URLSearchParams(fields), redirect: "manual" });
  const json = (value) => ({
    method: "POST",
    body: JSON.stringify(value),
    headers: { "content-type": "application/json" },
  });
  await fetch(`${address}/dashboards`, form({ do: "create", name: "Overview", start: "example" }));
  const [event] = (await (await fetch(`${address}/api/v1/feeds/pipeline_events/rows?limit=1`)).json()).rows;
  await fetch(
    `${address}/api/v1/feeds/pipeline_events/events`,
    json([
      { ...event, eventId: "late-1", eventTimestamp: Date.now() - 5_000, lastUpdatedAt: Date.now() - 4_000 },
      ...failuresLike(event, Date.now()),
      { ...event, eventId: "bad-1", status: "EXPLODED" },
      { ...event, eventId: "bad-2", eventTimestamp: 1_700_000_000 },
    ]),
  );
  await fetch(
    `${address}/api/v1/saved-views`,
    json({ name: "Failed today", path: "/feeds/pipeline_events", search: "status=FAILED", visibility: "private" }),
  );
}

/** Two problems that stand: the day that was recorded ends well. */
function failuresLike(event, now) {
  const failed = (i, pipelineName, stageName, status, errorMessage) => ({
    ...{ ...event, eventId: `trouble-${i}`, correlationId: `trouble-batch-${i}`, pipelineName, stageName, status },
    ...{ errorMessage, eventTimestamp: now - i * 40_000, lastUpdatedAt: now - i * 40_000 },
  });
  return [1, 2, 3].flatMap((i) => [
    failed(i, "docs-index", "write-index", "FAILED", `Timeout connecting to index-${i}.example.org:920${i} after 30 s`),
    failed(i + 10, "package-audit", "check-licences", i === 3 ? "RETRYING" : "FAILED", "HTTP 429 from the registry"),
  ]);
}

async function untilReady(address) {
  const deadline = Date.now() + 60_000;
  while (!(await (await fetch(`${address}/readyz`)).text()).includes("control plane ready")) {
    if (Date.now() > deadline) throw new Error("The control plane was not ready within a minute.");
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
}

async function takeAll(address) {
  const samples = await samplesOf(address);
  mkdirSync(folder, { recursive: true });
  const browser = await chromium.launch({
    executablePath: process.env.WEIR_CHROMIUM ?? "/usr/bin/chromium",
    args: FLAGS.split(" "),
  });
  const taken = [];
  for (const page of PAGES.filter(({ name }) => only === undefined || only.includes(name))) {
    const where = addressOf(page, samples);
    if (where === null) {
      process.stdout.write(`${page.name}: nothing in the data that it is about\n`);
      continue;
    }
    for (const colorScheme of THEMES) await takeOne(browser, address + where, page, colorScheme);
    taken.push(page.name);
    process.stdout.write(`${page.name}\n`);
  }
  await browser.close();
  writeFileSync(path.join(folder, "index.html"), indexOf(taken));
  process.stdout.write(`${path.join(folder, "index.html")}\n`);
}

async function takeOne(browser, url, { name, isLive }, colorScheme) {
  const page = await browser.newPage({ colorScheme, reducedMotion: "reduce" });
  await page.setViewportSize({ width: WIDTHS[0], height: 844 });
  await page.goto(url, { waitUntil: "load" });
  if (isLive) {
    const follows = page.locator("#link-state[data-link=live]").waitFor({ timeout: PATIENCE_MS });
    await follows.catch(() => process.stdout.write(`${name}: it does not follow\n`));
  }
  for (const width of WIDTHS) {
    await page.setViewportSize({ width, height: width === 390 ? 844 : Math.round(width * 0.5625) });
    await page.screenshot({ path: path.join(folder, `${name}-${colorScheme}-${width}.png`), fullPage: values.whole });
  }
  await page.close();
}

function indexOf(names) {
  const cells = (name) =>
    THEMES.flatMap((theme) => WIDTHS.map((width) => `${name}-${theme}-${width}.png`))
      .map((file) => `<a href="${file}"><img src="${file}" alt="${file}" loading="lazy" height="300"></a>`)
      .join("");
  const rows = names.map((name) => `<h2>${name}</h2><p>${cells(name)}</p>`).join("\n");
  return `<!doctype html><meta charset="utf-8"><title>Pages of Weir</title>\n${rows}\n`;
}
