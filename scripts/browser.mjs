/** A Chromium for the tests in a real browser: one that is installed, else one that can be. */
import { existsSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { tools } from "./paths.mjs";
import { fail, run, runNode, say } from "./processes.mjs";

/** Chromium without windows and menus of its own: pages cost it a third less CPU time. */
const SHELL = "chromium-headless-shell";
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
 * @param {{ shell?: boolean }} [options] shell: rather one without windows, for tests; what people use is measured otherwise
 * @returns {Promise<string>} path of the executable, also what `WEIR_CHROMIUM` is set to for the tests. Ends the command with
 *   a sentence when there is none and none can be installed.
 */
export async function findOrInstallBrowser({ shell = false } = {}) {
  const names = shell ? [SHELL, ...NAMES] : [...NAMES, SHELL];
  const found = await findBrowser(names);
  if (found !== null) return found;
  const installed = (await installFromDebian(names)) ?? (await installFromPlaywright());
  if (installed !== null) return installed;
  return fail(
    "The tests in a browser need Chromium or Chrome, and neither was found nor could be installed. Install one, or set WEIR_CHROMIUM to the path of its executable, and run the command again.",
  );
}

async function findBrowser(names) {
  const told = process.env.WEIR_CHROMIUM;
  if (told) return existsSync(told) ? told : fail(`WEIR_CHROMIUM is ${told}, but there is no such file.`);
  return onPath(names) ?? PLACES[process.platform]?.find((place) => existsSync(place)) ?? (await playwrightsOwn());
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

/** The first of these that there is a package of; older systems have no shell. */
async function installFromDebian([first]) {
  if (process.platform !== "linux" || os.userInfo().uid !== 0 || onPath(["apt-get"]) === null) return null;
  say(`Installing a browser for the tests (apt-get install ${first}) …`);
  const aptGet = (...args) =>
    run("apt-get", [...args, "-qq"], { quiet: true, env: { DEBIAN_FRONTEND: "noninteractive" } });
  const install = (name) => aptGet("install", "-y", "--no-install-recommends", name, "fonts-liberation");
  let { code, output } = await aptGet("update");
  if (code === 0) ({ code, output } = await install(first));
  if (code !== 0 && first === SHELL) ({ code, output } = await install("chromium"));
  if (code === 0) return onPath([first, ...NAMES]);
  say(`${output.trimEnd()}\napt-get failed; trying Playwright's own download.`);
  return null;
}

async function installFromPlaywright() {
  say("Installing a browser for the tests (playwright install chromium) …");
  const { code, output } = await runNode([tools.playwright, "install", "chromium"], { quiet: true });
  if (code !== 0) say(output.trimEnd());
  return code === 0 ? playwrightsOwn() : null;
}
