import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { localStorage } from "../storage/local";
import { trimArchive } from "./hudi-archive";

it("removes the oldest files of an archive beyond a bound, with their checksums, and never the newest", async () => {
  const folder = await mkdtemp(join(tmpdir(), "weir-archive-"));
  try {
    const storage = localStorage(folder);
    for (const number of [8, 9, 10, 11]) {
      await storage.write(`archived/.commits_.archive.${number}_1-0-1`, Buffer.alloc(100));
      await storage.write(`archived/..commits_.archive.${number}_1-0-1.crc`, Buffer.alloc(8));
    }
    await storage.write("archived/20261121090000000.replacecommit", Buffer.alloc(500));
    expect(await trimArchive(storage, "archived", 250)).toBe(2);
    expect(await trimArchive(storage, "archived", 250)).toBe(0);
    expect(await trimArchive(storage, "archived", 10)).toBe(1);
    expect((await readdir(join(folder, "archived"))).sort()).toEqual([
      "..commits_.archive.11_1-0-1.crc",
      ".commits_.archive.11_1-0-1",
      "20261121090000000.replacecommit",
    ]);
    expect(await trimArchive(storage, "nowhere")).toBe(0);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
