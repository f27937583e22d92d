/** Builds a word index over the documentation of packages: which page says which word how often. */
import { readFile, stat, writeFile } from "node:fs/promises";
import path from "node:path";
import { inRoot } from "../../paths.mjs";
import { filesOf } from "../packages.mjs";
import { DataError } from "../pipeline.mjs";

/** Longer pages are notices and changelogs by machine, which would drown the rest. */
const MAX_PAGE_BYTES = 120_000;

async function collect(packages, work) {
  const pages = [];
  for (const pkg of packages) {
    for (const file of (await filesOf(pkg)).filter((it) => /\.mdx?$/i.test(it)))
      pages.push({ file, text: await readPage(file) });
    await work.item({ source: packages.length, processed: pages.length });
  }
  return { source: packages.length, processed: pages.length, output: pages };
}

async function readPage(file) {
  const name = path.relative(inRoot(), file);
  const { size } = await stat(file);
  if (size > MAX_PAGE_BYTES)
    throw new DataError(`${name} has ${size} bytes, more than the ${MAX_PAGE_BYTES} that a page may have.`);
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(await readFile(file));
  } catch (error) {
    throw new DataError(`${name} is not UTF-8: ${error.message}`);
  }
}

async function countWords(pages, work) {
  const index = new Map();
  let titled = 0;
  for (const { file, text } of pages) {
    if (/^#\s+\S|^=+$|<h1/m.test(text)) titled += 1;
    for (const [word] of text.toLowerCase().matchAll(/\p{L}{3,40}/gu)) add(index, word, path.relative(inRoot(), file));
    await work.item({ source: pages.length, processed: index.size });
  }
  return {
    source: pages.length,
    processed: index.size,
    quality: pages.length === 0 ? 1 : titled / pages.length,
    output: index,
  };
}

function add(index, word, page) {
  const pages = index.get(word) ?? {};
  pages[page] = (pages[page] ?? 0) + 1;
  index.set(word, pages);
}

async function writeIndex(index, work) {
  await writeFile(work.target, JSON.stringify(Object.fromEntries(index)));
  const written = Object.keys(JSON.parse(await readFile(work.target, "utf8"))).length;
  return { source: index.size, processed: written, output: null };
}

/** @type {import("../pipeline.mjs").Pipeline} */
export const docsIndex = {
  name: "docs-index",
  short: "docs",
  oneEventPerStatus: false,
  packagesPerBatch: 6,
  stages: [
    { name: "collect-pages", run: collect },
    { name: "count-words", run: countWords },
    { name: "write-index", run: writeIndex },
  ],
};
