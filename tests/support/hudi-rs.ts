/**
 * The independent reader hudi-rs (PyPI `hudi`) in a virtual environment of its own, made once per machine and kept in the
 * user's cache.
 */
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { Instant } from "~/model/instant";
import type { Feed } from "~/model/feed";
import type { Row } from "~/model/value";
import { removeFolder } from "./remove-folder";

const run = promisify(execFile);
const VERSION = "0.5.0";
const SCRIPT = fileURLToPath(new URL("hudi-rs-rows.py", import.meta.url));
const MAX_OUTPUT_BYTES = 256 * 2 ** 20;

/** Path of the interpreter. @throws what is missing: Python, pip or the registry */
export async function hudiRsPython(): Promise<string> {
  const folder = join(process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache"), "weir-tests", `hudi-${VERSION}`);
  const python = join(folder, "bin", "python");
  const ready = join(folder, "ready");
  if (existsSync(ready)) return python;
  await removeFolder(folder);
  await mkdir(join(folder, ".."), { recursive: true });
  await run("python3", ["-m", "venv", folder]);
  await run(python, ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", `hudi==${VERSION}`, "pyarrow"]);
  await writeFile(ready, "");
  return python;
}

const COMMIT_TIME = "_hoodie_commit_time";

/**
 * The rows of a table as hudi-rs reads it.
 *
 * @param folder of the table, absolute
 * @param instants null = now
 * @returns one list of rows per instant: the commit time, then the feed's fields
 */
export async function hudiRsRows(
  python: string,
  folder: string,
  feed: Feed,
  instants: readonly (Instant | null)[],
): Promise<Row[][]> {
  const columns = [COMMIT_TIME, ...feed.fields.map(({ name }) => name)];
  const micros = feed.fields.filter(({ type }) => type.kind === "timestamp" && type.unit === "micros");
  const lists = [columns, micros.map(({ name }) => name), instants].map((list) => JSON.stringify(list));
  const args = [SCRIPT, folder, ...lists];
  const { stdout } = await run(python, args, { maxBuffer: MAX_OUTPUT_BYTES });
  return JSON.parse(stdout) as Row[][];
}
