/** Lists the files of packages, hashes each of them and writes a manifest of what was found. */
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { readFile, stat, writeFile } from "node:fs/promises";
import path from "node:path";
import { inRoot } from "../../paths.mjs";
import { filesOf } from "../packages.mjs";

/** A file has this long in the first attempt, twice as long in each further one: large binaries need more than one. */
const FIRST_LIMIT_MS = 40;

async function list(packages, work) {
  const files = [];
  for (const pkg of packages) {
    for (const file of await filesOf(pkg)) files.push({ file, bytes: (await stat(file)).size });
    await work.item({ source: packages.length, processed: files.length });
  }
  return { source: packages.length, processed: files.length, output: files };
}

async function hash(files, work) {
  const hashed = [];
  for (const { file, bytes } of files) {
    hashed.push({ file, bytes, sha256: await hashOne(file, bytes, FIRST_LIMIT_MS * 2 ** (work.attempt - 1)) });
    await work.item({ source: files.length, processed: hashed.length });
  }
  return { source: files.length, processed: hashed.length, output: hashed };
}

async function hashOne(file, bytes, limitMs) {
  const startedAt = performance.now();
  const digest = createHash("sha256");
  for await (const chunk of createReadStream(file, { highWaterMark: 1 << 20 })) {
    digest.update(chunk);
    if (performance.now() - startedAt > limitMs)
      throw new Error(
        `Gave up on ${path.relative(inRoot(), file)} (${(bytes / 1e6).toFixed(1)} MB) after ${limitMs} ms.`,
      );
  }
  return digest.digest("hex");
}

async function writeManifest(hashed, work) {
  const lines = hashed.map((it) => ({ ...it, file: path.relative(inRoot(), it.file) }));
  await writeFile(work.target, JSON.stringify(lines));
  const kept = JSON.parse(await readFile(work.target, "utf8")).length;
  const distinct = new Set(hashed.map((it) => it.sha256)).size;
  return {
    source: hashed.length,
    processed: kept,
    quality: hashed.length === 0 ? 1 : distinct / hashed.length,
    output: null,
  };
}

/** @type {import("../pipeline.mjs").Pipeline} */
export const fileInventory = {
  name: "file-inventory",
  short: "inv",
  oneEventPerStatus: false,
  packagesPerBatch: 5,
  stages: [
    { name: "list", run: list },
    { name: "hash", run: hash },
    { name: "write-manifest", run: writeManifest },
  ],
};
