import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { temporaryFolder } from "../../../tests/support/temporary-folder";
import { localStorage } from "./local";

const bytes = (text: string): Uint8Array => Buffer.from(text);

it("creates a file once, whole, and leaves nothing among the drafts", async () => {
  const root = await temporaryFolder();
  const storage = localStorage(root);
  expect(await storage.putIfAbsent("day=1/about", bytes("first"), "work")).toBe(true);
  expect(await storage.putIfAbsent("day=1/about", bytes("second"), "work")).toBe(false);
  expect(await readFile(join(root, "day=1/about"), "utf8")).toBe("first");
  expect(await readdir(join(root, "day=1"))).toEqual(["about"]);
  expect(await readdir(join(root, "work"))).toEqual([]);
});

it("writes nothing beside a file's place before the file is whole, where drafts have a folder of their own", async () => {
  const root = await temporaryFolder();
  await mkdir(join(root, "day=1"));
  await writeFile(join(root, "work"), "a file where the folder should be: no draft can be made");
  await expect(localStorage(root).putIfAbsent("day=1/about", bytes("first"), "work")).rejects.toThrow();
  expect(await readdir(join(root, "day=1"))).toEqual([]);
});
