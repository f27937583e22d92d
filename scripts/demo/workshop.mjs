/** The pipelines of the demo, the folders that they write to, and how one of them is broken and mended. */
import { existsSync, mkdirSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";
import { docsIndex } from "./pipelines/docs-index.mjs";
import { duplicateFinder } from "./pipelines/duplicate-finder.mjs";
import { fileInventory } from "./pipelines/file-inventory.mjs";
import { packageAudit } from "./pipelines/package-audit.mjs";

export const pipelines = [fileInventory, packageAudit, docsIndex, duplicateFinder];

/** In this order they break. */
const BREAKABLE = [docsIndex, fileInventory, packageAudit, duplicateFinder];

export class Workshop {
  #folder;

  /** @param {string} folder absolute; made if missing, and mended */
  constructor(folder) {
    this.#folder = folder;
    for (const pipeline of pipelines) {
      this.#mendOne(pipeline);
      mkdirSync(this.folderOf(pipeline), { recursive: true });
    }
  }

  folderOf(pipeline) {
    return path.join(this.#folder, pipeline.name);
  }

  /**
   * Puts a file where the next whole pipeline's folder is: whatever it writes fails as on a broken mount.
   * @returns {string | null} its name; null when all are broken
   */
  breakOne() {
    const pipeline = BREAKABLE.find((it) => statSync(this.folderOf(it)).isDirectory());
    if (pipeline === undefined) return null;
    renameSync(this.folderOf(pipeline), this.#asideOf(pipeline));
    writeFileSync(this.folderOf(pipeline), "Put here to break the pipeline.\n");
    return pipeline.name;
  }

  /** @returns {string[]} names of those that were broken */
  mend() {
    return BREAKABLE.filter((it) => this.#mendOne(it)).map((it) => it.name);
  }

  #mendOne(pipeline) {
    if (!existsSync(this.#asideOf(pipeline))) return false;
    rmSync(this.folderOf(pipeline), { force: true });
    renameSync(this.#asideOf(pipeline), this.folderOf(pipeline));
    return true;
  }

  #asideOf = (pipeline) => `${this.folderOf(pipeline)}.aside`;
}
