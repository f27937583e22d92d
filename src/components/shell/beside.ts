/** The batch of the picked row, opened beside the list; its code comes when it is first wanted (`drawer/open-drawer.ts`). */
import { batchOf } from "../drawer/drawer-address";
import { DRAWER_ID } from "../drawer/drawer-head";
import type * as OpenDrawer from "../drawer/open-drawer";
import { pickedLink } from "./row-cursor";

/** Each wish waits for the one before: two answers to the same import may come in any order. */
let last: Promise<void> = Promise.resolve();
/** How many are not carried out yet. */
let wishes = 0;

/** @param without what is done where the code cannot be had (a broken link, a page of an older version) */
function wish(act: (drawer: typeof OpenDrawer) => unknown, without: () => unknown): void {
  wishes++;
  const code = () => import("../drawer/open-drawer");
  last = last
    .then(code, code)
    .then(act, without)
    .then(() => undefined)
    .finally(() => wishes--);
}

/** @returns false where the page has no place for it, or the row leads to no batch */
export function openBeside(): boolean {
  const link = pickedLink();
  const isListed = link?.closest("#rows") && document.getElementById("main")?.dataset["drawer"] !== undefined;
  const batch = link && isListed ? batchOf(new URL(link.href)) : null;
  if (link === null || batch === null) return false;
  wish(
    ({ openDrawer }) => openDrawer(batch),
    () => location.assign(link.href),
  );
  return true;
}

/** @returns whether something is open, or about to be */
export function closeBeside(): boolean {
  const drawer = document.getElementById(DRAWER_ID);
  if (drawer === null && wishes === 0) return false;
  wish(
    ({ closeDrawer }) => closeDrawer(),
    () => drawer?.querySelector<HTMLElement>("[data-close]")?.click(),
  );
  return true;
}
