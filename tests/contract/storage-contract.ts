/** What every storage promises (src/lake/storage/storage.ts). */
import { describe, expect, it, type TestContext } from "vitest";
import type { Storage } from "~/lake/storage/storage";
import { AppError } from "~/model/app-error";
import { until } from "../support/until";

const bytes = (text: string): Uint8Array => Buffer.from(text);

/** @param make an empty storage; it takes itself away when the test has ended */
export function storageContract(name: string, make: (context: TestContext) => Promise<Storage>): void {
  const textOf = async (storage: Storage, path: string) => Buffer.from(await storage.read(path)).toString("utf8");
  const names = async (storage: Storage, folder: string) =>
    (await storage.list(folder)).map((it) => (it.isFolder ? `${it.name}/` : it.name)).sort();

  describe(name, () => {
    it("gives back what was written, and the newest of what was written twice", async (context) => {
      const storage = await make(context);
      const all = Uint8Array.from({ length: 256 }, (_, i) => i);
      await storage.write("a/b=1/all.bin", all);
      expect(Buffer.from(await storage.read("a/b=1/all.bin"))).toEqual(Buffer.from(all));
      await storage.write("a/b=1/all.bin", bytes("second"));
      expect(await textOf(storage, "a/b=1/all.bin")).toBe("second");
      await storage.write("empty", new Uint8Array());
      expect(await textOf(storage, "empty")).toBe("");
    });

    it("tells how large and how old a file is, and that there is none", async (context) => {
      const storage = await make(context);
      const before = Date.now();
      await storage.write("folder/file", bytes("12345"));
      const { bytes: size, modifiedAt } = (await storage.stat("folder/file"))!;
      expect(size).toBe(5);
      expect(Math.abs(modifiedAt - before)).toBeLessThan(60_000);
      await until("a later time of the file that is written again", async () => {
        await storage.write("folder/file", bytes("123456"));
        return (await storage.stat("folder/file"))!.modifiedAt > modifiedAt;
      });
      expect(await storage.stat("folder/other")).toBeNull();
      const fault: unknown = await storage.read("folder/other").catch((error: unknown) => error);
      expect(fault).toBeInstanceOf(AppError);
      expect((fault as AppError).code).toBe("not-found");
    });

    it("lists one level of a folder, with sizes, and nothing of one that does not exist", async (context) => {
      const storage = await make(context);
      await storage.write("lake/one", bytes("1"));
      await storage.write("lake/day=1/two", bytes("22"));
      await storage.write("lake/day=1/deeper/three", bytes("333"));
      await storage.write("lake-2/four", bytes("4444"));
      expect(await names(storage, "lake")).toEqual(["day=1/", "one"]);
      expect(await names(storage, "lake/day=1")).toEqual(["deeper/", "two"]);
      expect((await storage.list("lake/day=1")).find((it) => it.name === "two")).toMatchObject({ bytes: 2 });
      expect(await names(storage, "lake/")).toEqual(["day=1/", "one"]);
      expect(await names(storage, "")).toEqual(["lake-2/", "lake/"]);
      expect(await names(storage, "nothing")).toEqual([]);
    });

    it("lists a folder whole, however many requests that takes", async (context) => {
      const storage = await make(context);
      const wanted = Array.from({ length: 40 }, (_, i) => `file-${String(i).padStart(2, "0")}`);
      await Promise.all(wanted.map((it) => storage.write(`many/${it}`, bytes(it))));
      expect(await names(storage, "many")).toEqual(wanted);
      await storage.removeFolder("many");
      expect(await names(storage, "many")).toEqual([]);
    });

    it("creates a file once: of many at a time one wins, and its content stays", async (context) => {
      const storage = await make(context);
      const contents = Array.from({ length: 20 }, (_, i) => `writer ${i}`);
      const won = await Promise.all(contents.map((it) => storage.putIfAbsent("race/file", bytes(it))));
      expect(won.filter(Boolean)).toHaveLength(1);
      expect(await textOf(storage, "race/file")).toBe(contents[won.indexOf(true)]);
      expect(await storage.putIfAbsent("race/file", bytes("late"), "race")).toBe(false);
      expect(await textOf(storage, "race/file")).toBe(contents[won.indexOf(true)]);
      expect(await storage.putIfAbsent("race/empty", new Uint8Array())).toBe(true);
      expect(await storage.putIfAbsent("race/empty", new Uint8Array())).toBe(false);
    });

    it("publishes a file under its final name, in place of what was there, and leaves no temporary one", async (context) => {
      const storage = await make(context);
      await storage.write("work/.draft.tmp", bytes("whole"));
      await storage.write("final/file", bytes("before"));
      await storage.publish("work/.draft.tmp", "final/file");
      expect(await textOf(storage, "final/file")).toBe("whole");
      expect(await names(storage, "work")).toEqual([]);
      await expect(storage.publish("work/.draft.tmp", "final/file")).rejects.toThrow(/\.draft\.tmp/);
      expect(await textOf(storage, "final/file")).toBe("whole");
    });

    it("makes folders that are empty, twice without harm, and removes them with all that is in them", async (context) => {
      const storage = await make(context);
      await storage.makeFolder("lake/.hoodie/archived");
      await storage.makeFolder("lake/.hoodie/archived");
      expect(await names(storage, "lake/.hoodie")).toEqual(["archived/"]);
      expect(await names(storage, "lake/.hoodie/archived")).toEqual([]);
      await storage.write("lake/.hoodie/archived/deep/er/file", bytes("x"));
      await storage.write("lake/.hoodie/archived-too", bytes("stays"));
      await storage.removeFolder("lake/.hoodie/archived");
      await storage.removeFolder("lake/.hoodie/archived");
      expect(await names(storage, "lake/.hoodie")).toEqual(["archived-too"]);
    });

    it("removes a file, and minds nothing when there is none", async (context) => {
      const storage = await make(context);
      await storage.write("folder/file", bytes("x"));
      await storage.remove("folder/file");
      await storage.remove("folder/file");
      expect(await storage.stat("folder/file")).toBeNull();
    });

    it("takes names with every letter that a table or a feed may bring", async (context) => {
      const storage = await make(context);
      const path = "lake/event_date=2026-11-21/a b+c%20d#e'f~(1)_ü.avro";
      await storage.write(path, bytes("x"));
      expect(await textOf(storage, path)).toBe("x");
      expect(await names(storage, "lake/event_date=2026-11-21")).toEqual(["a b+c%20d#e'f~(1)_ü.avro"]);
    });
  });
}
