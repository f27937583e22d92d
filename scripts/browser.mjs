/** A Chromium for the tests in a real browser: one that is installed, else one that can be. */
import { existsSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { tools } from "./paths.mjs";
import { fail, run, runNode, say } from "./processes.mjs";

const NAMES = [
  "chromium",
  "chromium-browser",
  "google-chrome",
  "google-chrome-stable",
  "chrome",
  "microsoft-edge",
  "msedge",
];

/** Where installers put browsers that are not on the PATH. */
const PLACES = {
  darwin: [
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
  ],
  win32: [process.env.PROGRAMFILES, process.env["PROGRAMFILES(X86)"], process.env.LOCALAPPDATA]
    .filter((folder) => folder !== undefined)
    .flatMap((folder) => [
      path.join(folder, "Google", "Chrome", "Application", "chrome.exe"),
      path.join(folder, "Microsoft", "Edge", "Application", "msedge.exe"),
    ]),
  linux: ["/opt/google/chrome/chrome", "/snap/bin/chromium"],
};

/**
 * @returns {Promise<string>} path of the executable, also what `WEIR_CHROMIUM` is set to for the tests. Ends the command with
 *   a sentence when there is none and none can be installed.
 */
export async function findOrInstallBrowser() {
  const found = await findBrowser();
  if (found !== null) return found;
  const installed = (await installFromDebian()) ?? (await installFromPlaywright());
  if (installed !== null) return installed;
  return fail(
    "The tests in a browser need Chromium or Chrome, and neither was found nor could be installed. Install one, or set WEIR_CHROMIUM to the path of its executable, and run the command again.",
  );
}

async function findBrowser() {
  const told = process.env.WEIR_CHROMIUM;
  if (told) return existsSync(told) ? told : fail(`WEIR_CHROMIUM is ${told}, but there is no such file.`);
  return onPath(NAMES) ?? PLACES[process.platform]?.find((place) => existsSync(place)) ?? (await playwrightsOwn());
}

function onPath(names) {
  const folders = (process.env.PATH ?? "").split(path.delimiter).filter(Boolean);
  const candidates = names.flatMap((name) => folders.map((folder) => path.join(folder, name)));
  return candidates.find((candidate) => existsSync(candidate)) ?? null;
}

async function playwrightsOwn() {
  const { chromium } = await import("playwright");
  const place = chromium.executablePath();
  return existsSync(place) ? place : null;
}

async function installFromDebian() {
  if (process.platform !== "linux" || os.userInfo().uid !== 0 || onPath(["apt-get"]) === null) return null;
  say("Installing a browser for the tests (apt-get install chromium) …");
  const env = { DEBIAN_FRONTEND: "noninteractive" };
  const steps = [
    ["update", "-qq"],
    ["install", "-y", "-qq", "--no-install-recommends", "chromium", "fonts-liberation"],
  ];
  for (const step of steps) {
    const { code, output } = await run("apt-get", step, { quiet: true, env });
    if (code !== 0) {
      say(`${output.trimEnd()}\napt-get ${step[0]} failed; trying Playwright's own download.`);
      return null;
    }
  }
  return onPath(NAMES);
}

async function installFromPlaywright() {
  say("Installing a browser for the tests (playwright install chromium) …");
  const { code, output } = await runNode([tools.playwright, "install", "chromium"], { quiet: true });
  if (code !== 0) say(output.trimEnd());
  return code === 0 ? playwrightsOwn() : null;
}
