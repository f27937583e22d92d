import { mkdir, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { diskFull, faultyStorage, onWrites } from "../../tests/support/faulty-storage";
import { NINE } from "../../tests/support/pipeline-feed";
import { temporaryFolder } from "../../tests/support/temporary-folder";
import { silentLog } from "../../tests/support/test-log";
import { localStorage } from "../lake/storage/local";
import type { Rejected } from "./batch";
import { DeadLetters } from "./dead-letters";

// Tens of thousands of rows and hundreds of runs take a while on a busy machine.
vi.setConfig({ testTimeout: 30_000 });

async function openLetters(more: { folder?: string; maxCount?: number; maxBytes?: number } = {}) {
  const { folder = await temporaryFolder(), ...bounds } = more;
  const storage = faultyStorage(localStorage(folder));
  let now = NINE;
  let random = 0;
  const letters = await DeadLetters.open({
    folder: "dead-letters",
    feed: "things",
    storage,
    clock: { now: () => now++ },
    log: silentLog,
    randomBytes: (size) => Buffer.alloc(size, random++),
    ...bounds,
  });
  return { letters, storage, folder };
}

const rejected = (...texts: string[]): Rejected[] =>
  texts.map((text, index) => ({
    index,
    field: "status",
    reason: `no ${text}`,
    raw: { format: "json", bytes: Buffer.from(text) },
  }));

const reasons = (letters: DeadLetters): string[] => letters.list(100, null).deadLetters.map(({ reason }) => reason);

test("a dead letter keeps the bytes that were sent and why, over a restart", async () => {
  const { letters, folder } = await openLetters();
  const text = '{"a": "\n\\u0000 Ж"}';
  const [id] = await letters.add(rejected(text), "http");
  const { letters: other } = await openLetters({ folder });
  const { letter, raw } = await other.read(id!);
  expect(letter).toEqual({
    id,
    at: NINE,
    source: "http",
    field: "status",
    reason: `no ${text}`,
    bytes: Buffer.byteLength(text),
  });
  expect(raw.format).toBe("json");
  expect(raw.bytes.toString()).toBe(text);
  expect(other.size).toBe(1);
});

test("ids are safe as path segments, whatever was sent", async () => {
  const { letters } = await openLetters();
  for (const id of await letters.add(rejected("../../etc/passwd", "%2e%2e/"), "http"))
    expect(id).toMatch(/^[0-9a-f-]+$/);
});

test("the list is newest first, page by page, and ends", async () => {
  const { letters, folder } = await openLetters();
  await letters.add(rejected("a", "b"), "http");
  await letters.add(rejected("c"), "http");
  await letters.add(rejected("d", "e"), "http");
  for (const each of [letters, (await openLetters({ folder })).letters]) {
    const pages: string[][] = [];
    for (let after: string | null = null; ;) {
      const { deadLetters, next } = each.list(2, after);
      pages.push(deadLetters.map(({ reason }) => reason));
      if (next === null) break;
      after = next;
    }
    expect(pages).toEqual([["no e", "no d"], ["no c", "no b"], ["no a"]]);
  }
});

test("a page begins where the last one ended although letters went in between", async () => {
  const { letters } = await openLetters();
  const [, b] = await letters.add(rejected("a", "b", "c"), "http");
  const { next } = letters.list(2, null);
  expect(next).toBe(b);
  await letters.remove(b!);
  expect(letters.list(2, next).deadLetters.map(({ reason }) => reason)).toEqual(["no a"]);
});

test("one letter of many goes without the others, and the last one takes the file with it", async () => {
  const { letters, folder } = await openLetters();
  const ids = await letters.add(rejected("a", "b", "c"), "http");
  await Promise.all([letters.remove(ids[1]!), letters.remove(ids[0]!)]);
  expect(reasons(letters)).toEqual(["no c"]);
  expect((await letters.read(ids[2]!)).raw.bytes.toString()).toBe("c");
  await letters.remove(ids[2]!);
  expect(letters.size).toBe(0);
  expect(await readdir(join(folder, "dead-letters/things"))).toEqual([]);
});

test.each(["", "x", "../../x", "20261121090000000-00000000-9", "20261121090000000-00000000-00000000000"])(
  "there is no letter %j",
  async (id) => {
    const { letters } = await openLetters();
    await letters.add(rejected("a"), "http");
    await expect(letters.read(id)).rejects.toMatchObject({ code: "not-found" });
    await expect(letters.remove(id)).rejects.toMatchObject({ code: "not-found" });
  },
);

test("an unknown place to begin a page is named", async () => {
  const { letters } = await openLetters();
  expect(() => letters.list(1, "<b>")).toThrow(
    expect.objectContaining({ code: "bad-parameter", details: { parameter: "after" } }) as Error,
  );
});

test("at the bound new letters are refused and none is dropped (invariants 1 and 6)", async () => {
  const { letters } = await openLetters({ maxCount: 2 });
  const [id] = await letters.add(rejected("a", "b"), "http");
  await expect(letters.add(rejected("c"), "http")).rejects.toMatchObject({ code: "staging-full" });
  expect(reasons(letters)).toEqual(["no b", "no a"]);
  await letters.remove(id!);
  await letters.add(rejected("c"), "http");

  const { letters: small } = await openLetters({ maxBytes: 3 });
  await expect(small.add(rejected("abcd"), "http")).rejects.toMatchObject({ code: "staging-full" });
});

test("a disk that takes no writes refuses letters; what cannot be deleted stays listed", async () => {
  const { letters, storage } = await openLetters();
  const [id] = await letters.add(rejected("a", "b"), "http");
  storage.before(onWrites(diskFull));
  await expect(letters.add(rejected("c"), "http")).rejects.toMatchObject({ code: "disk-full" });
  await expect(letters.remove(id!)).rejects.toMatchObject({ code: "disk-full" });
  expect(reasons(letters)).toEqual(["no b", "no a"]);
  storage.heal();
  await letters.remove(id!);
  expect(reasons(letters)).toEqual(["no b"]);
});

test("temporary files of a crash go at the start; what cannot be read is left alone and stops nothing", async () => {
  const folder = await temporaryFolder();
  const path = join(folder, "dead-letters/things");
  await mkdir(path, { recursive: true });
  await writeFile(join(path, ".x.tmp"), "half");
  await writeFile(join(path, "notes.txt"), "mine");
  await writeFile(join(path, "20261121090000000-00000000.letters"), '{"entries":[{"n":0}]}\n');
  const { letters } = await openLetters({ folder });
  await letters.add(rejected("a"), "http");
  expect(reasons(letters)).toEqual(["no a"]);
  expect((await readdir(path)).sort()).toHaveLength(3);
});
