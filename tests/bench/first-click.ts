/** The first click on a page that nothing is cached of: when it takes effect, and when what was clicked could be seen. */
import type { Page } from "playwright";
import { marksOf } from "./browser";

/** Since the navigation began, ms. */
export interface FirstClick {
  /** The row that was clicked is marked as picked. */
  picked: number;
  /** The frame with the row was drawn. */
  painted: number;
}

/** Clicks on the first row of events or problems from the moment it exists until it is picked. Runs in the page. */
export function clickUntilPicked(): void {
  const marks = globalThis as unknown as Partial<FirstClick>;
  const click = () => {
    const row = document.querySelector<HTMLElement>("#rows tr[id], #problems tr[id]");
    if (row && marks.painted === undefined)
      requestAnimationFrame(() => setTimeout(() => (marks.painted ??= performance.now())));
    row?.querySelector("td")?.click();
    if (row?.classList.contains("picked")) marks.picked = performance.now();
    else setTimeout(click, row ? 20 : 4);
  };
  click();
}

/** Of a page that was opened with `clickUntilPicked`. */
export const firstClickOf = (page: Page): Promise<FirstClick> => marksOf(page, ["picked", "painted"]);
