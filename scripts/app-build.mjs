/** The production build: `dist/` for the browser, then `server/`, made again when a source is not the one that was built. */
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";
import { seconds } from "./packages.mjs";
import { inRoot, root, serverEntry, tools } from "./paths.mjs";
import { fail, runNode, say } from "./processes.mjs";

const SOURCES = [
  "src",
  "adapters",
  "public",
  "avro",
  "vite.config.ts",
  "tsconfig.json",
  "package.json",
  "package-lock.json",
];

/** Written last, so that a build that was cut short is not taken for a whole one. */
const stampFile = inRoot("server", "built-from");

/** Tests are no part of the build. */
const isSource = (file) => !/\.test\.tsx?$/.test(file);

/** A hash of the contents of all sources: file times say nothing after a checkout. @returns {string} hex */
export function sourcesHash() {
  const hash = createHash("sha256");
  for (const source of SOURCES)
    for (const file of filesUnder(inRoot(source))) {
      hash.update(`${path.relative(root, file)}\0`);
      hash.update(readFileSync(file));
    }
  return hash.digest("hex");
}

function filesUnder(place) {
  if (!existsSync(place)) return [];
  if (statSync(place).isFile()) return [place];
  return readdirSync(place, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && isSource(entry.name))
    .map((entry) => path.join(entry.parentPath ?? entry.path, entry.name))
    .sort();
}

/** Builds if needed; ends the command when that fails. */
export async function buildApp() {
  const hash = sourcesHash();
  if (existsSync(stampFile) && existsSync(serverEntry) && readFileSync(stampFile, "utf8") === hash) return;
  say("Building …");
  const startedAt = Date.now();
  rmSync(stampFile, { force: true });
  // The order matters: the server build reads the manifest of the client build.
  await buildOne("the browser's part", ["build"]);
  await buildOne("the server", ["build", "-c", "adapters/node-server/vite.config.ts"]);
  // After the server, whose folder it shares: `weir/publisher` by itself, with its types.
  await runTool("the publisher", [tools.tsc, "-p", "adapters/publisher"]);
  writeFileSync(stampFile, hash);
  say(`Built in ${seconds(startedAt)} s.`);
}

/**
 * Qwik hands the manifest of the browser's build to the server's through the temporary folder, under the package's name: two
 * checkouts that build at the same time would get each other's, so each has a folder of its own.
 */
const temporary = inRoot("tmp", "build");

const buildOne = (what, args) => runTool(what, [tools.vite, ...args]);

async function runTool(what, args) {
  mkdirSync(temporary, { recursive: true });
  const env = { NODE_ENV: "production", TMPDIR: temporary, TEMP: temporary, TMP: temporary };
  const { code, output } = await runNode(args, { quiet: true, env });
  if (code !== 0) fail(`${output}\nBuilding ${what} failed with exit code ${code}. The reason is above.`);
}
