import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { withLock } from "./lock.mjs";

describe("the lock of the scripts", () => {
  let folder;
  beforeEach(() => (folder = mkdtempSync(path.join(os.tmpdir(), "weir-lock-"))));
  afterEach(() => rmSync(folder, { recursive: true }));

  it("lets one work at a time, and the next one when it is done", async () => {
    const file = path.join(folder, "lock");
    const order = [];
    let finish;
    const first = withLock(
      file,
      () => new Promise((resolve) => (finish = resolve)).then(() => order.push("first")),
      () => {},
    );
    const waits = new Promise((resolve) => {
      void withLock(file, async () => order.push("second"), resolve).then(() => order.push("done"));
    });
    await waits;
    finish();
    await first;
    await expect.poll(() => order).toEqual(["first", "second", "done"]);
  });

  it("is taken over from a process that is gone", async () => {
    const file = path.join(folder, "lock");
    // Above the greatest process id that Linux gives out.
    writeFileSync(file, "4194305");
    expect(
      await withLock(
        file,
        async () => "worked",
        () => {},
      ),
    ).toBe("worked");
  });

  it("is given back when the work fails", async () => {
    const file = path.join(folder, "lock");
    await expect(
      withLock(
        file,
        () => Promise.reject(new Error("no")),
        () => {},
      ),
    ).rejects.toThrow("no");
    expect(
      await withLock(
        file,
        async () => "next",
        () => {},
      ),
    ).toBe("next");
  });
});
