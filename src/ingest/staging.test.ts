import { writeFile, mkdir, readdir } from "node:fs/promises";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { diskFull, faultyStorage, gate, onWrites, type FaultyStorage } from "../../tests/support/faulty-storage";
import { eventRow, NINE, pipelineFeed } from "../../tests/support/pipeline-feed";
import { temporaryFolder } from "../../tests/support/temporary-folder";
import { silentLog } from "../../tests/support/test-log";
import { until } from "../../tests/support/until";
import { localStorage } from "../lake/storage/local";
import { AppError } from "../model/app-error";
import type { Row } from "../model/value";
import { fileEncoder } from "./avro/encode";
import { feedCodec } from "./codec";
import { MAX_FILE_ROWS, Staging } from "./staging";

// Tens of thousands of rows and hundreds of runs take a while on a busy machine.
vi.setConfig({ testTimeout: 30_000 });

const codec = feedCodec(pipelineFeed, 1_000_000);
const FOLDER = `staging/${pipelineFeed.name}`;

async function openStaging(
  more: {
    storage?: FaultyStorage;
    folder?: string;
    maxBytes?: number;
    now?: () => number;
    isShared?: boolean;
    random?: number;
  } = {},
) {
  const folder = more.folder ?? (await temporaryFolder());
  const storage = more.storage ?? faultyStorage(localStorage(folder));
  let random = more.random ?? 0;
  const said = { found: 0 };
  const staging = await Staging.open({
    feed: pipelineFeed,
    storage,
    folder: "staging",
    clock: { now: more.now ?? (() => NINE) },
    log: silentLog,
    maxBytes: more.maxBytes ?? 1_000_000,
    encode: fileEncoder(pipelineFeed),
    decode: (bytes) => codec.decodeStaged(bytes),
    randomBytes: (size) => Buffer.alloc(size, random++),
    onStaged: () => undefined,
    onFound: () => void said.found++,
    onGone: () => undefined,
    ...(more.isShared && { isShared: true }),
  });
  return {
    staging,
    storage,
    folder,
    get found() {
      return said.found;
    },
  };
}

const rows = (count: number, prefix = "e"): Row[] =>
  Array.from({ length: count }, (_, i) => eventRow({ eventId: `${prefix}-${i}` }));

const staged = async (staging: Staging): Promise<Row[]> =>
  (await Promise.all(staging.list().map((file) => file.rows()))).flat();

const codeOf = async (work: Promise<unknown>): Promise<string> => {
  const error: unknown = await work.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(AppError);
  return (error as AppError).code;
};

test("what is staged is on the disk, and another process finds it (invariant 1)", async () => {
  const { staging, folder } = await openStaging();
  await staging.stage(rows(3), 300);
  expect(staging.status()).toMatchObject({ events: 3, oldestAt: NINE });
  const { staging: other } = await openStaging({ folder });
  expect(await staged(other)).toEqual(rows(3));
  expect(other.status()).toEqual(staging.status());
});

test("what arrives while a file is being written shares the next one", async () => {
  const { staging, storage } = await openStaging();
  const hold = gate(({ method }) => method === "write");
  storage.before(hold.interfere);
  const first = staging.stage(rows(1, "first"), 100);
  await until("the first write", () => storage.count("write") === 1);
  const others = Array.from({ length: 50 }, (_, i) => staging.stage(rows(2, `r${i}`), 100));
  hold.open();
  await Promise.all([first, ...others]);
  expect(storage.count("write")).toBe(2);
  expect((await staged(staging)).map((row) => row[0])).toEqual([
    "first-0",
    ...Array.from({ length: 50 }, (_, i) => [`r${i}-0`, `r${i}-1`]).flat(),
  ]);
});

test("no file is larger than a commit takes, and the order of events stays", async () => {
  const { staging } = await openStaging();
  await staging.stage(rows(2 * MAX_FILE_ROWS + 1), 1_000);
  expect(staging.list().map(({ events }) => events)).toEqual([MAX_FILE_ROWS, MAX_FILE_ROWS, 1]);
  expect(await staged(staging)).toEqual(rows(2 * MAX_FILE_ROWS + 1));
});

test("names grow when the clock steps back, also over a restart", async () => {
  let now = NINE;
  const { staging, folder } = await openStaging({ now: () => now });
  await staging.stage(rows(1, "a"), 100);
  now -= 3_600_000;
  await staging.stage(rows(1, "b"), 100);
  const { staging: other } = await openStaging({ folder, now: () => now });
  await other.stage(rows(1, "c"), 100);
  const names = other.list().map(({ name }) => name);
  expect(names.toSorted()).toEqual(names);
  expect((await staged(other)).map((row) => row[0])).toEqual(["a-0", "b-0", "c-0"]);
});

test("over its bound it takes nothing and says when to come back; what was taken stays (invariant 6)", async () => {
  const { staging } = await openStaging({ maxBytes: 4_000 });
  await staging.stage(rows(1), 100);
  const error = await staging.stage(rows(1), 4_000).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ code: "staging-full", details: { retryAfterMs: 5_000 } });
  expect(staging.status().events).toBe(1);
  await staging.remove(staging.list().map(({ name }) => name));
  await staging.stage(rows(1), 3_000);
});

test("what waits to be written counts against the bound", async () => {
  const { staging, storage } = await openStaging({ maxBytes: 1_000 });
  const hold = gate(({ method }) => method === "write");
  storage.before(hold.interfere);
  const first = staging.stage(rows(1), 600);
  expect(await codeOf(staging.stage(rows(1), 600))).toBe("staging-full");
  hold.open();
  await first;
});

test.each(["ENOSPC", "EROFS", "EIO"] as const)(
  "a disk that takes no writes (%s) refuses, and nothing is acknowledged",
  async (code) => {
    const { staging, storage } = await openStaging();
    await staging.stage(rows(1, "before"), 100);
    storage.before(onWrites(() => diskFull(code)));
    expect(await codeOf(staging.stage(rows(2, "during"), 100))).toBe("disk-full");
    storage.heal();
    await staging.stage(rows(1, "after"), 100);
    expect((await staged(staging)).map((row) => row[0])).toEqual(["before-0", "after-0"]);
    expect(staging.status().events).toBe(2);
  },
);

test("a request of several files is acknowledged only when all of them are durable", async () => {
  const { staging, storage } = await openStaging();
  let writes = 0;
  storage.before(({ method }) => {
    if (method === "write" && writes++ === 1) throw diskFull();
  });
  expect(await codeOf(staging.stage(rows(MAX_FILE_ROWS + 1), 100))).toBe("disk-full");
});

test("temporary files of a crash go at the start, files that are not ours stay", async () => {
  const folder = await temporaryFolder();
  await mkdir(join(folder, FOLDER), { recursive: true });
  for (const name of [".abc.tmp", "notes.txt", "99999999999999999-1-00000000.avro"]) {
    await writeFile(join(folder, FOLDER, name), "x");
  }
  const { staging } = await openStaging({ folder });
  expect((await readdir(join(folder, FOLDER))).sort()).toEqual(["99999999999999999-1-00000000.avro", "notes.txt"]);
  expect(staging.list()).toEqual([]);
});

test("a file that cannot be deleted counts no more and is there for the next start to settle", async () => {
  const { staging, storage, folder } = await openStaging();
  await staging.stage(rows(1), 100);
  storage.before(onWrites(() => diskFull("EROFS")));
  await staging.remove(staging.list().map(({ name }) => name));
  expect(staging.status()).toEqual({ events: 0, bytes: 0, oldestAt: null });
  expect(await readdir(join(folder, FOLDER))).toHaveLength(1);
});

test("close waits for what is being written and takes nothing more", async () => {
  const { staging, storage } = await openStaging();
  const hold = gate(({ method }) => method === "write");
  storage.before(hold.interfere);
  const writing = staging.stage(rows(1), 100);
  const closing = staging.close();
  expect(await codeOf(staging.stage(rows(1), 100))).toBe("staging-full");
  hold.open();
  await Promise.all([writing, closing]);
  expect(staging.status().events).toBe(1);
});

test("rows beyond what is kept in memory are read back from their files", async () => {
  const { staging, storage } = await openStaging({ maxBytes: 1e9 });
  for (let i = 0; i < 7; i++) await staging.stage(rows(MAX_FILE_ROWS, `f${i}`), 1_000);
  const before = storage.count("read");
  const all = await staged(staging);
  expect(all.filter((_, i) => i % MAX_FILE_ROWS === 0).map((row) => row[0])).toEqual(
    Array.from({ length: 7 }, (_, i) => `f${i}-0`),
  );
  expect(all).toHaveLength(7 * MAX_FILE_ROWS);
  expect(storage.count("read") - before).toBe(2);
});

test("processes that share a staging area find what the others stage, in the order of names, and forget what one has committed", async () => {
  const folder = await temporaryFolder();
  const one = await openStaging({ folder, isShared: true, random: 0 });
  const other = await openStaging({ folder, isShared: true, random: 100, now: () => NINE - 1 });
  await one.staging.stage(rows(2, "one"), 200);
  await other.staging.stage(rows(3, "other"), 300);
  expect(one.staging.status().events).toBe(2);
  await one.staging.look();
  await other.staging.look();
  expect((await staged(one.staging)).map(([key]) => key)).toEqual(["other-0", "other-1", "other-2", "one-0", "one-1"]);
  expect(other.staging.status()).toEqual(one.staging.status());
  expect(one.found).toBe(1);
  await other.staging.remove(other.staging.list().map(({ name }) => name));
  await one.staging.look();
  expect(one.staging.status()).toEqual({ events: 0, bytes: 0, oldestAt: null });
});

test("the bound of a shared staging area counts what others have staged (invariant 6)", async () => {
  const folder = await temporaryFolder();
  const one = await openStaging({ folder, isShared: true, random: 0, maxBytes: 2_000 });
  const other = await openStaging({ folder, isShared: true, random: 100 });
  await other.staging.stage(rows(100), 1_000);
  await one.staging.look();
  expect(await codeOf(one.staging.stage(rows(1), 1_500))).toBe("staging-full");
});

test("a file counts once when it is found while it is still being written, and not at all when it was committed by then", async () => {
  const folder = await temporaryFolder();
  const { arrived, open, storage } = heldAfterWrite(faultyStorage(localStorage(folder)));
  const { staging } = await openStaging({ folder, storage, isShared: true });
  const staging1 = staging.stage(rows(2), 200);
  await arrived;
  await staging.look();
  open();
  await staging1;
  expect(staging.status().events).toBe(2);
  await staging.remove(staging.list().map(({ name }) => name));
  expect(staging.status()).toEqual({ events: 0, bytes: 0, oldestAt: null });
});

test("a temporary file of another process is left alone while it may be at work on it", async () => {
  const folder = await temporaryFolder();
  await mkdir(join(folder, FOLDER), { recursive: true });
  await writeFile(join(folder, FOLDER, ".half.tmp"), "half");
  await openStaging({ folder, isShared: true });
  expect(await readdir(join(folder, FOLDER))).toEqual([".half.tmp"]);
});

/** A storage whose first write is on the disk while its caller does not know yet. */
function heldAfterWrite(storage: FaultyStorage) {
  let arrive = () => {};
  let open = () => {};
  const arrived = new Promise<void>((resolve) => (arrive = resolve));
  const opened = new Promise<void>((resolve) => (open = resolve));
  const held: FaultyStorage = {
    ...storage,
    write: async (path, bytes) => {
      await storage.write(path, bytes);
      arrive();
      await opened;
    },
  };
  return { arrived, open: () => open(), storage: held };
}
