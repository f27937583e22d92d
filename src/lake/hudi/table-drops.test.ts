/** Drops as they lie in a table's folder: on its timeline, laid aside, or half written. */
import { beforeEach, describe, expect, it } from "vitest";
import { temporaryFolder } from "../../../tests/support/temporary-folder";
import { localStorage } from "../storage/local";
import type { Storage } from "../storage/storage";
import { decidingDrops, DROP_OPERATION, LEFT, leftSetting, leftText, type Drop } from "./drops";
import { TableDrops } from "./table-drops";

const at = (n: number) => `202611211015${String(n).padStart(2, "0")}123`;
const what = { before: 5, rows: 2, partitions: new Map([["event_date=2026-11-01", at(1)]]), moved: ["a'b"] };
const body = (left: string) =>
  Buffer.from(JSON.stringify({ operationType: DROP_OPERATION, extraMetadata: { [LEFT]: left } }));

describe("the drops of a table", () => {
  let storage: Storage;
  let drops: TableDrops;
  const write = (name: string, bytes: Uint8Array) => storage.write(`t/.hoodie/${name}`, bytes);
  const known = async () => (await drops.all()).map(({ instant }) => instant);

  beforeEach(async () => {
    storage = localStorage(await temporaryFolder());
    drops = new TableDrops(storage, "t", ".hoodie");
  });

  it("are read as either engine writes them, and laid aside before the timeline lets go of them", async () => {
    await write(`${at(2)}.replacecommit`, body(leftText(what)));
    await write(`${at(3)}.replacecommit`, body(leftSetting(what)));
    await write(`${at(4)}.replacecommit`, Buffer.from(JSON.stringify({ operationType: "CLUSTER" })));
    expect(await drops.all()).toMatchObject([what, what]);
    await drops.layAside();
    for (const n of [2, 3, 4]) await storage.remove(`t/.hoodie/${at(n)}.replacecommit`);
    expect(await known()).toEqual([at(2), at(3)]);
    await drops.forget(at(3));
    expect(await known()).toEqual([at(3)]);
  });

  it("are none while they are being written, and there once they are whole", async () => {
    const whole = body(leftText(what));
    for (const bytes of [new Uint8Array(), whole.subarray(0, 40)]) {
      await write(`${at(2)}.replacecommit`, bytes);
      expect(await known()).toEqual([]);
    }
    await write(`${at(2)}.replacecommit`, whole);
    expect(await known()).toEqual([at(2)]);
  });
});

describe("the drops by which versions do not count", () => {
  const drop = (n: number, before: number): Drop => ({ ...what, instant: at(n), committedAt: 0, before });

  it("are the last, and those that let go of more and were followed by one that came late", () => {
    const [a, b, late, d] = [drop(1, 10), drop(2, 30), drop(3, 20), drop(4, 40)] as const;
    expect(decidingDrops([a, b], at(9))).toEqual([b]);
    expect(decidingDrops([a, b, late], at(9))).toEqual([late, b]);
    expect(decidingDrops([a, b, late, d], at(9))).toEqual([d]);
    expect(decidingDrops([a, b, late, d], at(1))).toEqual([a]);
  });
});
