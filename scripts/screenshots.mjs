/**
 * Pictures of every page, in both themes and three widths, for looking at them critically:
 *
 *   node scripts/screenshots.mjs [OUT_FOLDER] [--of ADDRESS] [--only NAME,NAME…] [--whole]
 *
 * Without an address it starts a server on a folder of its own, over a day in which something of everything happened
 * (picture-data.mjs). OUT_FOLDER is `.weir/screenshots` unless told; its `index.html` shows them side by side. `--whole` takes pages
 * from top to bottom instead of one window. Pages are those of page-list.mjs. Needs a build (`npm run build`) and a Chromium
 * (WEIR_CHROMIUM names one; otherwise /usr/bin/chromium).
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import { chromium } from "playwright";
import { encodeContainer } from "./demo/containers.mjs";
import { DemoServer } from "./demo/server.mjs";
import { addressOf, PAGES, samplesOf } from "./page-list.mjs";
import { inRoot } from "./paths.mjs";
import { pictureEvents } from "./picture-data.mjs";

const SIZES = [
  [390, 844],
  [820, 1180],
  [1440, 900],
];
const THEMES = ["light", "dark"];
const FLAGS =
  "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync";
const VIEWS = [
  ["Failed today", "/feeds/pipeline_events", "status=FAILED"],
  ["Slow pipelines", "/pipelines", "state=slow"],
];
const OWNERS = [
  ["orders_ingest", "data-in"],
  ["billing", "finance"],
  ["gl_export", "finance"],
  ["crm_sync", "growth"],
];
/** Effects are awaited this long; a picture is taken all the same. */
const PATIENCE_MS = 5_000;
const DEADLINE_MS = 180_000;

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
  const made = mkdtempSync(path.join(os.tmpdir(), "weir-pictures-"));
  process.env.WEIR_PORT ??= "0";
  const demo = new DemoServer(path.join(made, "data"), path.join(made, "server.log"), {});
  const close = async () => {
    await demo.stop();
    rmSync(made, { recursive: true, force: true });
  };
  try {
    const ending = Date.now() - 5_000;
    const recording = path.join(made, "recording.avro");
    writeFileSync(recording, await encodeContainer(pictureEvents(ending)));
    await demo.replay(recording, ending);
    await demo.start();
    await addWhatPeopleMake(demo.address);
  } catch (error) {
    await close();
    throw error;
  }
  return { address: demo.address, close };
}

/** A dashboard, a saved view, owners, somebody on a problem, events that could not be taken. */
async function addWhatPeopleMake(address) {
  await until("the control plane is ready", async () =>
    (await (await fetch(`${address}/readyz`)).text()).includes("control plane ready"),
  );
  const send = async (method, where, body, type) => {
    const answer = await fetch(address + where, {
      method,
      body,
      redirect: "manual",
      headers: { "content-type": type },
    });
    if (answer.status >= 400) throw new Error(`${method} ${where}: ${answer.status} ${await answer.text()}`);
  };
  const form = (where, fields) => send("POST", where, new URLSearchParams(fields), "application/x-www-form-urlencoded");
  const json = (method, where, value) => send(method, where, JSON.stringify(value), "application/json");
  const { rows: problems } = await (await fetch(`${address}/api/v1/views/problems/rows?state=failing`)).json();
  const [event] = (await (await fetch(`${address}/api/v1/feeds/pipeline_events/rows?limit=1`)).json()).rows;
  const billing = problems.find(({ pipelineName }) => pipelineName === "billing");
  await Promise.all([
    form("/dashboards", { do: "create", name: "Overview", start: "example" }),
    json("POST", "/api/v1/feeds/pipeline_events/events", [
      { ...event, eventId: "fresh-1", eventTimestamp: Date.now(), lastUpdatedAt: Date.now() },
      { ...event, eventId: "bad-1", status: "EXPLODED" },
      { ...event, eventId: "bad-2", eventTimestamp: 1_700_000_000 },
    ]),
    ...VIEWS.map(([name, where, search]) =>
      json("POST", "/api/v1/saved-views", { name, path: where, search, visibility: "private" }),
    ),
    ...OWNERS.map(([pipeline, owner]) =>
      json("PUT", `/api/v1/pipelines/${pipeline}/owner`, {
        owner,
        runbookUrl: `https://runbooks.example.org/${pipeline}`,
      }),
    ),
    json("POST", `/api/v1/problems/${billing.id}/acknowledgements`, {
      reason: "The column was renamed upstream, the fix is in review",
      expiresAt: Date.now() + 4 * 3_600_000,
    }),
  ]);
}

/** @param {string} what for whoever waits in vain @param {() => Promise<boolean>} isSo */
async function until(what, isSo) {
  const deadline = Date.now() + DEADLINE_MS;
  while (!(await isSo())) {
    if (Date.now() > deadline) throw new Error(`Waited ${DEADLINE_MS / 1_000} s in vain until ${what}.`);
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
  await page.setViewportSize({ width: SIZES[0][0], height: SIZES[0][1] });
  await page.goto(url, { waitUntil: "load" });
  if (isLive) {
    const follows = page.locator("#link-state[data-link=live]").waitFor({ timeout: PATIENCE_MS });
    await follows.catch(() => process.stdout.write(`${name}: it does not follow\n`));
  }
  for (const [width, height] of SIZES) {
    await page.setViewportSize({ width, height });
    await page.screenshot({ path: path.join(folder, `${name}-${colorScheme}-${width}.png`), fullPage: values.whole });
  }
  await page.close();
}

function indexOf(names) {
  const cells = (name) =>
    THEMES.flatMap((theme) => SIZES.map(([width]) => `${name}-${theme}-${width}.png`))
      .map((file) => `<a href="${file}"><img src="${file}" alt="${file}" loading="lazy" height="300"></a>`)
      .join("");
  const rows = names.map((name) => `<h2>${name}</h2><p>${cells(name)}</p>`).join("\n");
  return `<!doctype html><meta charset="utf-8"><title>Pages of Weir</title>\n${rows}\n`;
}
