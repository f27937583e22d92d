/** Reads every manifest of packages, judges their licences and looks whether what they depend on is installed. */
import { existsSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { inRoot } from "../../paths.mjs";
import { filesOf } from "../packages.mjs";
import { DataError } from "../pipeline.mjs";

/** Licences that may be used without asking. */
const FREE = new Set([
  "MIT",
  "MIT-0",
  "ISC",
  "0BSD",
  "BSD-2-Clause",
  "BSD-3-Clause",
  "Apache-2.0",
  "BlueOak-1.0.0",
  "CC0-1.0",
  "Unlicense",
  "Python-2.0",
]);

const LICENCE_FILE = /^(licen[cs]e|copying|notice)/i;

async function readManifests(packages, work) {
  const manifests = [];
  for (const pkg of packages) {
    const files = await filesOf(pkg);
    for (const file of files.filter((it) => path.basename(it) === "package.json"))
      manifests.push({ file, ...parse(file, await readFile(file, "utf8")) });
    await work.item({ source: packages.length, processed: manifests.length });
  }
  return { source: packages.length, processed: manifests.length, output: manifests };
}

function parse(file, text) {
  try {
    return { manifest: JSON.parse(text) };
  } catch (error) {
    throw new DataError(`${path.relative(inRoot(), file)} is no JSON: ${error.message}`);
  }
}

/** Manifests without a name only set options for a folder, and have no licence of their own. */
async function checkLicences(manifests, work) {
  const named = manifests.filter((it) => typeof it.manifest.name === "string");
  const missing = [];
  let clear = 0;
  for (const { file, manifest } of named) {
    if (typeof manifest.license !== "string") missing.push(manifest.name);
    else if (isFree(manifest.license) && hasLicenceFile(path.dirname(file))) clear += 1;
    await work.item({ source: named.length, processed: clear });
  }
  if (missing.length > 0) throw new DataError(`No licence is declared by ${missing.join(", ")}.`);
  return {
    source: named.length,
    processed: clear,
    quality: named.length === 0 ? 1 : clear / named.length,
    output: named,
  };
}

const isFree = (licence) =>
  licence
    .replace(/[()]/g, "")
    .split(/ (?:OR|AND) /)
    .some((it) => FREE.has(it));

const hasLicenceFile = (folder) =>
  ["LICENSE", "LICENSE.md", "LICENSE.txt", "license", "LICENCE", "License.txt", "COPYING"].some(
    (it) => LICENCE_FILE.test(it) && existsSync(path.join(folder, it)),
  );

async function checkDependencies(named, work) {
  let needed = 0;
  const absent = [];
  for (const { file, manifest } of named) {
    const names = Object.keys(manifest.dependencies ?? {});
    needed += names.length;
    absent.push(
      ...names.filter((name) => !isInstalled(path.dirname(file), name)).map((name) => `${manifest.name} → ${name}`),
    );
    await work.item({ source: named.length, processed: needed - absent.length });
  }
  await writeFile(work.target, JSON.stringify({ needed, absent }));
  if (absent.length > 0) throw new DataError(`Not installed: ${absent.join(", ")}.`);
  return { source: needed, processed: needed, quality: 1, output: null };
}

/** As Node looks for it: in the node_modules of this folder and of each one above it. */
function isInstalled(folder, name) {
  if (existsSync(path.join(folder, "node_modules", ...name.split("/")))) return true;
  const above = path.dirname(folder);
  return folder !== inRoot() && above !== folder && isInstalled(above, name);
}

/** @type {import("../pipeline.mjs").Pipeline} */
export const packageAudit = {
  name: "package-audit",
  short: "audit",
  oneEventPerStatus: false,
  packagesPerBatch: 8,
  stages: [
    { name: "read-manifests", run: readManifests },
    { name: "check-licences", run: checkLicences },
    { name: "check-dependencies", run: checkDependencies },
  ],
};
