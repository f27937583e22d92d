/** The batch that is open beside a list is a parameter of the list's address: Back closes it, and a link shows what its sender saw. */
import { batchHref, batchIn } from "../event-table/cell";
import { withParams } from "../shell/page-url";

/** No field of a schema can be called so: every other parameter of a list may be one. */
export const DRAWER = "open.batch";

const queryOf = (here: string): URLSearchParams => new URLSearchParams(here.split("?", 2)[1] ?? "");

/** The id of the batch that is open at an address, null = none. @param here path and query */
export const openBatchIn = (here: string): string | null => queryOf(here).get(DRAWER);

/** The same address with nothing open. Left to the letter as it is where nothing was. */
export function withoutDrawer(here: string): string {
  const params = queryOf(here);
  return params.has(DRAWER) ? withParams(here, { [DRAWER]: null, after: params.get("after") }) : here;
}

/** The same address with a batch open. */
export const withDrawer = (here: string, correlationId: string): string =>
  withParams(here, { [DRAWER]: correlationId, after: queryOf(here).get("after") });

/** Path and query of the batch's own page, as of the time of the list. @param feed "" = the first that knows it */
export function ownPage(here: string, correlationId: string, feed: string): string {
  const href = batchHref(correlationId, queryOf(here).get("at"));
  return feed === "" ? href : withParams(href, { feed });
}

/** The batch that a link leads to the page of, null = it leads elsewhere. */
export function batchOf({ pathname, searchParams }: Pick<URL, "pathname" | "searchParams">): string | null {
  const [, folder, segment, ...more] = pathname.split("/");
  if (folder !== "batches" || segment === undefined || more.length > 0) return null;
  try {
    return batchIn(decodeURIComponent(segment), searchParams);
  } catch {
    return null; // no escape of UTF-8: nothing that we wrote
  }
}
