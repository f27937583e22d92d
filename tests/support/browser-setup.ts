/**
 * The browsers of the `e2e` project, started before its first suite and ended after the last: one for each file that runs at the
 * same time, because all tabs of a browser share its clipboard.
 */
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { chromium } from "playwright";
import type { TestProject } from "vitest/node";

declare module "vitest" {
  interface ProvidedContext {
    /** Addresses to connect to, by the number of the worker. */
    browsers: string[];
  }
}

const ARGS = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const executablePath = findChromium();
  const count = Number(project.vitest.config.maxWorkers) || 1;
  const servers = await Promise.all(
    Array.from({ length: count }, () => chromium.launchServer({ executablePath, args: ARGS, host: "127.0.0.1" })),
  );
  project.provide("browsers", servers.map((server) => server.wsEndpoint())); // prettier-ignore
  return async () => void (await Promise.all(servers.map((server) => server.close())));
}

/** The browser that the test command found or installed, else one on the PATH, else Playwright's own. */
function findChromium(): string {
  const told = process.env["WEIR_CHROMIUM"];
  if (told) return told;
  const folders = (process.env["PATH"] ?? "").split(delimiter);
  const names = ["chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
  const places = folders.flatMap((folder) => names.map((name) => join(folder, name)));
  return places.find((place) => existsSync(place)) ?? chromium.executablePath();
}
