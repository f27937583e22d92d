/** Finds files of equal content: groups them by size, then compares bytes. Publishes one event per change of status. */
import { readFile, stat, writeFile } from "node:fs/promises";
import path from "node:path";
import { inRoot } from "../../paths.mjs";
import { filesOf } from "../packages.mjs";

/** Bytes that the first attempt may hold in memory; each further one may hold four times as many. */
const FIRST_BUDGET_BYTES = 400_000;

async function groupBySize(packages, work) {
  const bySize = new Map();
  let files = 0;
  for (const pkg of packages) {
    for (const file of await filesOf(pkg)) {
      const { size } = await stat(file);
      bySize.set(size, [...(bySize.get(size) ?? []), file]);
      files += 1;
    }
    await work.item({ source: files, processed: bySize.size });
  }
  const groups = [...bySize]
    .filter(([size, members]) => size > 0 && members.length > 1)
    .map(([size, members]) => ({ size, members }));
  return { source: files, processed: groups.length, output: groups };
}

async function compare(groups, work) {
  const budget = FIRST_BUDGET_BYTES * 4 ** (work.attempt - 1);
  const duplicates = [];
  let compared = 0;
  for (const { size, members } of groups) {
    if (size * members.length > budget)
      throw new Error(
        `Comparing ${members.length} files of ${size} bytes needs more than the budget of ${budget} bytes.`,
      );
    duplicates.push(...(await equalFiles(members)));
    compared += members.length;
    await work.item({ source: groups.length, processed: duplicates.length });
  }
  return {
    source: compared,
    processed: duplicates.length,
    quality: compared === 0 ? 1 : 1 - duplicates.length / compared,
    output: duplicates,
  };
}

async function equalFiles(members) {
  const firstWith = new Map();
  const duplicates = [];
  for (const file of members) {
    const content = await readFile(file, "latin1");
    const first = firstWith.get(content);
    if (first === undefined) firstWith.set(content, file);
    else duplicates.push([path.relative(inRoot(), first), path.relative(inRoot(), file)]);
  }
  return duplicates;
}

async function report(duplicates, work) {
  await writeFile(work.target, JSON.stringify(duplicates));
  return { source: duplicates.length, processed: duplicates.length, output: null };
}

/** @type {import("../pipeline.mjs").Pipeline} */
export const duplicateFinder = {
  name: "duplicate-finder",
  short: "dup",
  oneEventPerStatus: true,
  packagesPerBatch: 10,
  stages: [
    { name: "group-by-size", run: groupBySize },
    { name: "compare-content", run: compare },
    { name: "report", run: report },
  ],
};
