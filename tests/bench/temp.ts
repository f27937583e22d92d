/** Folders that go away with the bench. */
import { rmSync } from "node:fs";
import { mkdtemp } from "node:fs/promises";
import os from "node:os";
import { join } from "node:path";

export async function tempFolder(): Promise<string> {
  const folder = await mkdtemp(join(os.tmpdir(), "weir-bench-"));
  process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
