/** The packages that are installed on this machine: what the pipelines work on. */
import { readdir } from "node:fs/promises";
import path from "node:path";
import { inRoot } from "../paths.mjs";

/** @typedef {{ name: string, folder: string }} InstalledPackage folder: absolute */

/** @returns {Promise<InstalledPackage[]>} in alphabetical order, nested ones after their parent */
export const installedPackages = () => packagesIn(inRoot("node_modules"));

async function packagesIn(modules) {
  const found = [];
  for (const name of await packageNames(modules)) {
    const folder = path.join(modules, ...name.split("/"));
    found.push({ name, folder }, ...(await packagesIn(path.join(folder, "node_modules"))));
  }
  return found;
}

async function packageNames(modules) {
  const names = [];
  for (const entry of await foldersIn(modules)) {
    if (entry.startsWith("@"))
      names.push(...(await foldersIn(path.join(modules, entry))).map((it) => `${entry}/${it}`));
    else names.push(entry);
  }
  return names;
}

async function foldersIn(place) {
  try {
    const entries = await readdir(place, { withFileTypes: true });
    return entries
      .filter((it) => it.isDirectory() && !it.name.startsWith("."))
      .map((it) => it.name)
      .sort();
  } catch (error) {
    if (error.code === "ENOENT") return [];
    throw error;
  }
}

/**
 * @param {InstalledPackage} pkg
 * @returns {Promise<string[]>} absolute paths of its own files, without those of packages nested in it
 */
export async function filesOf(pkg) {
  const entries = await readdir(pkg.folder, { withFileTypes: true, recursive: true });
  const nested = path.join(pkg.folder, "node_modules") + path.sep;
  return entries
    .filter((it) => it.isFile())
    .map((it) => path.join(it.parentPath ?? it.path, it.name))
    .filter((file) => !file.startsWith(nested))
    .sort();
}
