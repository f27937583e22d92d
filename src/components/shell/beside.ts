/** The batch of the picked row, opened beside the list; its code comes when it is first wanted (`drawer/open-drawer.ts`). */
import { batchOf } from "../drawer/drawer-address";
import { DRAWER_ID } from "../drawer/drawer-head";
import { pickedLink } from "./row-cursor";

/** How many are asked for and not there yet. */
let opening = 0;

/** @returns false where the page has no place for it, or the row leads to no batch */
export function openBeside(): boolean {
  const link = pickedLink();
  const isListed = link?.closest("#rows") && document.getElementById("main")?.dataset["drawer"] !== undefined;
  const batch = link && isListed ? batchOf(new URL(link.href)) : null;
  if (link === null || batch === null) return false;
  opening++;
  void import("../drawer/open-drawer")
    // Without its code (a broken link, a page of an older version) the batch has its page.
    .then(
      ({ openDrawer }) => openDrawer(batch),
      () => location.assign(link.href),
    )
    .finally(() => opening--);
  return true;
}

/** @returns whether something is open, or about to be */
export function closeBeside(): boolean {
  const drawer = document.getElementById(DRAWER_ID);
  if (drawer === null && opening === 0) return false;
  void import("../drawer/open-drawer").then(
    ({ closeDrawer }) => closeDrawer(),
    () => drawer?.querySelector<HTMLElement>("[data-close]")?.click(),
  );
  return true;
}
