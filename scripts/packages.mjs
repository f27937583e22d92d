/** The packages of the lock file, installed when they are missing or others than it names. */
import { existsSync, readFileSync } from "node:fs";
import { inRoot } from "./paths.mjs";
import { fail, run, runNode, say } from "./processes.mjs";

/**
 * Compares what npm says it installed (`node_modules/.package-lock.json`, written last) with what the lock file asks for:
 * by contents, because a checkout or a branch switch sets file times that mean nothing.
 */
export function packagesAreCurrent() {
  const installedFile = inRoot("node_modules", ".package-lock.json");
  if (!existsSync(installedFile)) return false;
  const wanted = readPackages(inRoot("package-lock.json"));
  const installed = readPackages(installedFile);
  return Object.entries(wanted).every(([place, entry]) => {
    if (place === "") return true;
    const found = installed[place];
    return found === undefined ? isForOtherPlatforms(entry) : found.version === entry.version;
  });
}

const readPackages = (file) => JSON.parse(readFileSync(file, "utf8")).packages;

const isForOtherPlatforms = (entry) => entry.optional === true || entry.os !== undefined || entry.cpu !== undefined;

/** Installs what is missing with `npm ci`; ends the command when that fails. */
export async function installPackages() {
  if (packagesAreCurrent()) return;
  say("Installing packages (npm ci) …");
  const startedAt = Date.now();
  const { code, output } = await npm(["ci", "--no-audit", "--no-fund", "--prefer-offline"]);
  if (code !== 0) fail(`${output}\nnpm ci failed with exit code ${code}. Its own words are above.`);
  say(`Packages installed in ${seconds(startedAt)} s.`);
}

/** Under `npm run`, npm tells where it lies; elsewhere it is on the PATH (a script of cmd.exe on Windows). */
const npm = (args) =>
  process.env.npm_execpath?.endsWith(".js")
    ? runNode([process.env.npm_execpath, ...args], { quiet: true })
    : run("npm", args, { quiet: true, shell: process.platform === "win32" });

/** @param {number} startedAt epoch ms */
export const seconds = (startedAt) => ((Date.now() - startedAt) / 1000).toFixed(1);
