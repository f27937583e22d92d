import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { batchHref } from "../event-table/cell";
import { batchOf, openBatchIn, ownPage, withDrawer, withoutDrawer } from "./drawer-address";

const LIST = "/feeds/x?status=FAILED&status=RETRYING&after=abc";
const urlOf = (href: string): URL => new URL(href, "http://127.0.0.1");
/** What an address can carry: a lone surrogate becomes another letter on its way. */
const anyId = fc.string({ unit: "grapheme", maxLength: 40 }).filter((id) => !/\p{Cs}/u.test(id));

describe("the address of what is open", () => {
  it("names any batch, beside whatever the list is of", () => {
    fc.assert(
      fc.property(anyId, (id) => {
        const address = withDrawer(LIST, id);
        expect(openBatchIn(address)).toBe(id);
        expect(withoutDrawer(address)).toBe(LIST);
      }),
    );
  });

  it("is left to the letter where nothing is open", () => {
    const odd = "/feeds/x?q=a%20b&f.status=";
    expect(withoutDrawer(odd)).toBe(odd);
    expect(openBatchIn(odd)).toBeNull();
  });

  it("leads to the batch's own page at the same time, and back from a link to the batch", () => {
    expect(ownPage("/feeds/x?at=20261121101500123&q=1", "b-1", "")).toBe("/batches/b-1?at=20261121101500123");
    expect(ownPage("/?feed=y", "b-1", "y")).toBe("/batches/b-1?feed=y");
    fc.assert(
      fc.property(anyId, (id) => {
        expect(batchOf(urlOf(batchHref(id, null)))).toBe(id);
      }),
    );
  });

  it("is none of links that lead elsewhere", () => {
    for (const href of ["/", "/batches", "/batches/a/b", "/problems/a", "/batches/%E0%A4%A"])
      expect(batchOf(urlOf(href))).toBeNull();
  });
});
