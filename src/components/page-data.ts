/**
 * How a page's data gets from its loader into the markup without becoming framework state: the loader leaves it on the
 * request, components without props pick it up while the server renders. Nothing of it is sent a second time as state, and
 * what is rendered so is never rendered again in the browser.
 */
import { getRequestEvent } from "@builder.io/qwik-city";

interface Request {
  sharedMap: Map<string, unknown>;
}

/** @param name one per kind of data */
export const leavePageData = (ev: Request, name: string, data: unknown): void => {
  ev.sharedMap.set(`weir.page.${name}`, data);
};

/** Null in a browser, where these components are never rendered. */
export const pickPageData = <T>(name: string): T | null =>
  ((getRequestEvent() as Request | undefined)?.sharedMap.get(`weir.page.${name}`) as T | undefined) ?? null;
