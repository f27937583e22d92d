/** The table's patches in a real document, against what the server would have rendered. No server takes part. */
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import type { Page } from "playwright";
import { build, type Rollup } from "vite";
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { browserTabs } from "../support/browser";

type Place = readonly [key: string, time: number, version?: number];

const tabs = browserTabs();
let script = "";
let page: Page;

beforeAll(async () => {
  const entry = fileURLToPath(new URL("../support/event-table-page.ts", import.meta.url));
  const src = fileURLToPath(new URL("../../src", import.meta.url));
  const built = (await build({
    configFile: false,
    logLevel: "silent",
    resolve: { alias: { "~": src } },
    build: { write: false, minify: false, lib: { entry, formats: ["iife"], name: "table" } },
  })) as Rollup.RollupOutput[];
  script = built[0]!.output[0].code;
});

beforeEach(async () => {
  page = await tabs.open("about:blank");
  await page.setContent(`<!doctype html><div id="rows"></div>`);
  await page.addScriptTag({ content: script });
});

const render = (rows: readonly Place[], limit = 5_000, complete = true) =>
  page.evaluate(([rows, limit, complete]) => table.render(rows, limit, complete), [rows, limit, complete] as const);
const apply = (up: readonly Place[], del: readonly string[] = []) =>
  page.evaluate(([up, del]) => table.apply(up, del), [up, del] as const);
const keys = () => page.evaluate(() => table.keys());

describe("patching the rows of a page", () => {
  it("inserts rows at their place across blocks, newest first, then by key", async () => {
    const rows = Array.from({ length: 120 }, (_, i): Place => [`k${i}`, -10 * i]);
    await render(rows);
    await apply([["new", 5], ["middle", -605], ["old", -5_000], ["a", -600]]); // prettier-ignore
    const expected = rows.map(([key]) => key);
    expected.splice(61, 0, "middle");
    expected.splice(60, 0, "a");
    expect(await keys()).toEqual(["new", ...expected, "old"]);
  });

  it("keeps the newest rows within the limit and then ignores older ones", async () => {
    await render([["a", 3], ["b", 2]], 2); // prettier-ignore
    await apply([["c", 4]]);
    await apply([["d", 1]]);
    expect(await keys()).toEqual(["c", "a"]);
  });

  it("fills up with rows that were fetched, each once", async () => {
    await render([["a", 3], ["b", 2]], 3, false); // prettier-ignore
    await page.evaluate(() => table.refill([["b", 2], ["c", 1], ["d", 0]])); // prettier-ignore
    expect(await keys()).toEqual(["a", "b", "c"]);
  });

  it("splits a block that grows and removes one that empties", async () => {
    await render([["x", -1]]);
    const many = Array.from({ length: 101 }, (_, i): Place => [`k${i}`, i]);
    await apply(many);
    expect(await page.locator("#rows > div").count()).toBe(2);
    await apply([], ["x", ...many.map(([key]) => key)]);
    expect(await page.locator("#rows > div").count()).toBe(1);
    expect(await keys()).toEqual([]);
  });

  it("marks what is accepted and not committed, and brings back what stood there when it is taken back", async () => {
    await render([["a", 3], ["b", 2]]); // prettier-ignore
    const before = await page.evaluate(() => table.markup());
    await page.evaluate(() => table.preview([["b", 2, 1], ["c", 5]], false)); // prettier-ignore
    expect(await keys()).toEqual(["c", "a", "b"]);
    expect(await page.evaluate(() => table.previewed())).toEqual(["c", "b"]);
    await page.evaluate(() => table.withdraw(null));
    expect(await page.evaluate(() => table.markup())).toEqual(before);
  });

  it("moves nothing for a preview while somebody reads", async () => {
    await render([["a", 3], ["b", 2]]); // prettier-ignore
    await page.evaluate(() => table.preview([["b", 2, 1], ["c", 5]], true)); // prettier-ignore
    expect(await keys()).toEqual(["a", "b"]);
    expect(await page.evaluate(() => table.previewed())).toEqual(["b"]);
  });

  it("shows the committed view again whatever was previewed meanwhile (invariant 4)", async () => {
    const key = fc.constantFrom("a", "b", "c", "d");
    const change = fc.tuple(key, fc.integer({ min: 0, max: 3 }), fc.integer({ min: 0, max: 4 }));
    const changes = fc.uniqueArray(change, { maxLength: 4, selector: ([own]) => own });
    const step = fc.oneof(
      fc.record({ kind: fc.constant("commit" as const), changes, gone: fc.array(key, { maxLength: 2 }) }),
      fc.record({ kind: fc.constant("preview" as const), changes, isHeld: fc.boolean() }),
      fc.record({ kind: fc.constant("withdraw" as const), gone: fc.option(fc.array(key, { maxLength: 2 })) }),
      fc.record({ kind: fc.constant("read" as const), rows: fc.integer({ min: 1, max: 4 }) }),
    );
    await fc.assert(
      fc.asyncProperty(changes, fc.array(step, { maxLength: 10 }), async (rendered, steps) => {
        const state = new Map(rendered.map((place): [string, Place] => [place[0], place]));
        await render([...state.values()]);
        for (const one of steps) {
          if (one.kind === "preview")
            await page.evaluate(([up, isHeld]) => table.preview(up, isHeld), [one.changes, one.isHeld] as const); // prettier-ignore
          else if (one.kind === "read") await page.evaluate((rows) => table.readAhead(rows), one.rows);
          else if (one.kind === "withdraw") await page.evaluate((gone) => table.withdraw(gone), one.gone);
          else {
            const up = one.changes.filter(([own]) => !one.gone.includes(own));
            for (const own of one.gone) state.delete(own);
            for (const place of up) state.set(place[0], place);
            await apply(up, one.gone);
          }
        }
        await page.evaluate(() => table.withdraw(null));
        const patched = await page.evaluate(() => table.markup());
        await render([...state.values()]);
        expect(patched).toEqual(await page.evaluate(() => table.markup()));
      }),
      { numRuns: 40 },
    );
  });

  it("lets a row that is held say what it is now, and moves it later", async () => {
    await page.evaluate(() => table.sortByRecords());
    await render([["a", 9], ["b", 7], ["c", 5]]); // prettier-ignore
    expect(await page.evaluate(() => table.applyInPlace([["b", 7, 4], ["a", 9]]))).toEqual(["b"]); // prettier-ignore
    expect(await keys()).toEqual(["a", "b", "c"]);
    expect(await page.locator("tr").nth(2).textContent()).toContain("11,000");
    await apply([["b", 7, 4]]);
    expect(await keys()).toEqual(["b", "a", "c"]);
  });

  it("drops old rows wherever they stand, and rows behind the last of a table that is not whole", async () => {
    await page.evaluate(() => table.sortByRecords());
    await render([["old", -3, 20], ["a", 9], ["b", 7]], 3, false); // prettier-ignore
    expect(await keys()).toEqual(["old", "a", "b"]);
    await apply([["c", 5], ["d", 11]]); // prettier-ignore
    expect(await keys()).toEqual(["old", "d", "a"]);
    await page.evaluate(() => table.trimOlder(0));
    expect(await keys()).toEqual(["d", "a"]);
  });

  it.each([
    ["newest first", () => Promise.resolve()],
    ["sorted", () => page.evaluate(() => table.sortByRecords())],
  ])(
    "ends with the very cells that the server would render, whatever the changes and keys, %s (invariants 4 and 8)",
    async (_, choose) => {
      await choose();
      const key = fc.constantFrom("a", "b", "c", `<b>"'&`, "e f", "\u0000\r\n", "ü", "rows");
      const change = fc.tuple(key, fc.integer({ min: 0, max: 4 }), fc.integer({ min: 0, max: 4 }), fc.boolean());
      const step = fc.uniqueArray(change, { maxLength: 6, selector: ([own]) => own });
      await fc.assert(
        fc.asyncProperty(
          step,
          fc.array(step, { maxLength: 8 }),
          fc.integer({ min: 0, max: 3 }),
          async (rendered, steps, read) => {
            const state = new Map(rendered.map(([own, time, version]): [string, Place] => [own, [own, time, version]]));
            await render([...state.values()]);
            for (const changes of steps) {
              const up = changes.filter(([, , , isGone]) => !isGone);
              const del = changes.filter(([, , , isGone]) => isGone).map(([own]) => own);
              for (const own of del) state.delete(own);
              const places = up.map(([own, time, version]): Place => [own, time, version]);
              for (const place of places) state.set(place[0], place);
              await page.evaluate((rows) => table.readAhead(rows), read);
              await apply(places, del);
            }
            const patched = await page.evaluate(() => table.markup());
            await render([...state.values()]);
            expect(patched).toEqual(await page.evaluate(() => table.markup()));
          },
        ),
        { numRuns: 25 },
      );
    },
  );
});
