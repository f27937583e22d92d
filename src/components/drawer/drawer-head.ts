/** The head of the drawer as markup, for the server that writes it open and the browser that opens it. */
import { escaped } from "../event-table/markup";

export const DRAWER_ID = "drawer";
export const TITLE_ID = "drawer-title";

export interface DrawerHead {
  correlationId: string;
  /** Its own page, and the list with nothing open. */
  pageHref: string;
  closeHref: string;
}

export const drawerHead = ({ correlationId, pageHref, closeHref }: DrawerHead): string =>
  `<h2 id="${TITLE_ID}" tabindex="-1"><span class="muted">Batch</span> <span class="mono">${escaped(correlationId === "" ? "(no id)" : correlationId)}</span></h2>` +
  `<a class="small" href="${escaped(pageHref)}">Its page</a>` +
  `<a class="button" data-close href="${escaped(closeHref)}">Close <kbd aria-hidden="true">Esc</kbd></a>`;
