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

  it("ends with the very cells that the server would render, whatever the changes and keys (invariants 4 and 8)", async () => {
    const key = fc.constantFrom("a", "b", "c", `<b>"'&`, "e f", "\u0000\r\n", "ü", "rows");
    const change = fc.tuple(key, fc.integer({ min: 0, max: 4 }), fc.integer({ min: 0, max: 4 }), fc.boolean());
    const step = fc.uniqueArray(change, { maxLength: 6, selector: ([own]) => own });
    await fc.assert(
      fc.asyncProperty(step, fc.array(step, { maxLength: 8 }), async (rendered, steps) => {
        const state = new Map(rendered.map(([own, time, version]): [string, Place] => [own, [own, time, version]]));
        await render([...state.values()]);
        for (const changes of steps) {
          const up = changes.filter(([, , , isGone]) => !isGone);
          const del = changes.filter(([, , , isGone]) => isGone).map(([own]) => own);
          for (const own of del) state.delete(own);
          const places = up.map(([own, time, version]): Place => [own, time, version]);
          for (const place of places) state.set(place[0], place);
          await apply(places, del);
        }
        const patched = await page.evaluate(() => table.markup());
        await render([...state.values()]);
        expect(patched).toEqual(await page.evaluate(() => table.markup()));
      }),
      { numRuns: 25 },
    );
  });
});
